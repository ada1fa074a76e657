"""The page of a case, its pictures, and the form by which a reader asks its city."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal import clock
from portal.access import Public
from portal.errors import Hidden, Refusal
from portal.forms import Form
from portal.i18n import sentence
from portal.library import answers, linked, queries
from portal.library.actions import requests as actions
from portal.library.cities import inhabitants_of
from portal.library.labels import award_texts, rank_texts
from portal.library.models import Case
from portal.library.pages.cards import CaseView, address, cover, pages, source_of_data, view_of
from portal.library.pages.nearness import list_related
from portal.library.pages.reading import by_subject, details_of
from portal.library.regions import INCOME_SOURCE, INCOME_YEAR, income_of, region_of
from portal.library.related import Near
from portal.web import client_address, language, needs, portal, refusals, session, writing

#: Parts of a case in the order in which they are told; the body holds what belongs to none of them.
PARTS = ("problem", "solution", "outcomes", "lessons")


@pages.route("/cases/<case_id>")
@needs(Public.READ)
def show_case(case_id: str) -> ResponseReturnValue:
    """Show a case with its sources; a withdrawn one says so."""
    now, tag = clock.now(), language().tag
    case = queries.get_case(session(), case_id, now=now)
    if case is None:
        raise Hidden
    if case.withdrawn_at is not None:
        return render_template("library/withdrawn.html", section="cases", noindex=True, case=case), 410
    chosen = answers.title_in(case, tag)
    texts = {text.language: text for text in case.texts}
    told = details_of(case)
    return render_template(
        "library/show_case.html",
        section="cases",
        noindex=case.simulated,
        case=case,
        told=texts[chosen.language],
        is_fallback=chosen.is_fallback,
        others=[texts[other] for other in sorted(texts) if other != chosen.language],
        details=told,
        subjects=by_subject(told.statements),
        region=region_of(case.country),
        income_of=income_of,
        inhabitants_of=inhabitants_of,
        income_source=INCOME_SOURCE,
        income_year=INCOME_YEAR,
        city=answers.city_in(case, tag),
        award=award_texts(case.award),
        rank_text=rank_texts(case.rank_text),
        permanent=f"{portal().settings.site_url}/c/{case.id}",
        cover=cover(case.id, case.city, tuple(case.themes), case.rank, case.category),
        related=_related(case),
        versions=queries.list_versions(session(), case),
        json_ld=None if case.simulated else _linked(case, chosen.language),
        address=address,
    )


def _linked(case: Case, tag: str) -> dict[str, Any]:
    """Return the case as linked data, in the language in which the page tells it."""
    return linked.case_data(
        case, source_of_data(), tag=tag, url=url_for("library.show_case", case_id=case.id),
        pictures=[url_for("library.show_medium", case_id=case.id, position=one.position) for one in case.media],
    )  # fmt: skip


def _related(case: Case) -> list[tuple[CaseView, Near]]:
    """Return the nearest cases with what makes them near."""
    (nearest,) = list_related([case])
    told = queries.list_cases(session(), [one.id for one in nearest], now=clock.now())
    return [(view_of(told[one.id]), one) for one in nearest if one.id in told]


@pages.route("/cases/<case_id>/media/<int:position>")
@needs(Public.READ)
def show_medium(case_id: str, position: int) -> ResponseReturnValue:
    """Show a picture of a case that the public sees."""
    file = queries.get_medium(session(), case_id, position, now=clock.now())
    if file is None:
        raise Hidden
    g.private = True  # a withdrawn case takes its pictures along
    response: Response = send_file(
        portal().store.path(file.sha256), mimetype=file.content_type, conditional=True, etag=file.sha256, max_age=None
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class QuestionForm(Form):
    """A reader's question to the city of a case."""

    name = StringField(lazy_gettext("Your name"), [InputRequired(lazy_gettext("Write your name."))])
    email = EmailField(
        lazy_gettext("E-mail"), [InputRequired(lazy_gettext("Write a whole e-mail address, such as name@example.org."))]
    )
    organisation = StringField(lazy_gettext("Your city or organisation"))
    message = TextAreaField(lazy_gettext("Your question"), [InputRequired(lazy_gettext("Write your question."))])


@pages.route("/cases/<case_id>/ask", methods=["GET", "POST"])
@needs(Public.READ)
def ask_city(case_id: str) -> ResponseReturnValue:
    """Send a question to the city of a real case; what was typed stays when it is refused."""
    case, now = _asked_about(case_id), clock.now()
    g.private = True  # the page holds a token of its reader
    form, status = QuestionForm(request.form), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            allowed = actions.is_asking_allowed(
                portal().database, session(), client_address(), secret=portal().settings.secret_key, now=now
            )
            if not allowed:
                form.refuse(Refusal(sentence("Too many questions were sent from here. Please try again in an hour.")))
                status = 429
            else:
                with refusals(form):
                    actions.ask_city(
                        writing(), case, name=form.name.data or "", email=form.email.data or "",
                        organisation=form.organisation.data or "", message=form.message.data or "",
                        language=language().tag, now=now,
                    )  # fmt: skip
                    return redirect(url_for("library.asked_city", case_id=case_id), 303)
                case = _asked_about(case_id)  # the refusal gave the read transaction back
    return _question_page("library/ask_city.html", case, form=form), status


@pages.route("/cases/<case_id>/asked")
@needs(Public.READ)
def asked_city(case_id: str) -> ResponseReturnValue:
    """Say that a question was sent, and what happens next."""
    return _question_page("library/asked_city.html", _asked_about(case_id))


def _asked_about(case_id: str) -> Case:
    """Return a real case that the public sees; invented cities cannot be asked."""
    case = queries.get_case(session(), case_id, now=clock.now())
    if case is None or case.withdrawn_at is not None or case.simulated:
        raise Hidden
    return case


def _question_page(template: str, case: Case, **values: Any) -> str:
    tag = language().tag
    return render_template(
        template, section="cases", noindex=True, case=case, city=answers.city_in(case, tag),
        title=answers.title_in(case, tag), **values,
    )  # fmt: skip

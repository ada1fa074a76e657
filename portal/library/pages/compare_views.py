"""Cases side by side."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Public
from portal.library import answers, queries
from portal.library.cities import inhabitants_of
from portal.library.details import Details
from portal.library.labels import award_texts
from portal.library.models import Case, CaseText
from portal.library.pages.cards import CaseView, pages, view_of
from portal.library.pages.nearness import list_related
from portal.library.pages.reading import details_of
from portal.library.regions import income_of, region_of
from portal.web import language, needs, session

#: Cases that stand side by side.
MOST = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A case in the table, the short name it has on phones, and the cases that stay when it is taken out."""

    case: Case
    view: CaseView
    told: CaseText
    details: Details
    name: str
    others: list[str]


@pages.route("/compare")
@needs(Public.READ)
def compare() -> ResponseReturnValue:
    """Show up to four real cases side by side; the address names them, and what it names beyond is ignored."""
    now, tag = clock.now(), language().tag
    asked = list(dict.fromkeys(one[:100].replace("\0", "\ufffd") for one in request.args.getlist("case") if one))
    found = queries.list_told_cases(session(), asked[: 5 * MOST], now=now)
    ids = [one for one in asked if one in found]
    shown = ids[:MOST]
    views = {one: view_of(found[one]) for one in shown}
    cities = [view.city for view in views.values()]
    columns = []
    for one in shown:
        case = found[one]
        view = views[one]
        texts = {text.language: text for text in case.texts}
        columns.append(
            Column(
                case, view, texts[answers.title_in(case, tag).language], details_of(case),
                view.city if cities.count(view.city) == 1 else view.title,
                [other for other in shown if other != one],
            )
        )  # fmt: skip
    return render_template(
        "library/compare.html",
        section="cases",
        noindex=True,
        columns=columns,
        shown=shown,
        missing=len(asked) - len(ids),
        beyond=len(ids) - len(shown),
        most=MOST,
        suggested=_suggested([found[one] for one in shown]) if len(shown) < MOST else [],
        award_of=lambda case: award_texts(case.award),
        region_of=region_of,
        income_of=income_of,
        inhabitants_of=inhabitants_of,
    )


def _suggested(cases: list[Case]) -> list[CaseView]:
    """Return cases near to those shown, which could stand beside them."""
    if not cases:
        return []
    now = clock.now()
    near = [one.id for nearest in list_related(cases) for one in nearest]
    wanted = [one for one in dict.fromkeys(near) if one not in {case.id for case in cases}][:MOST]
    told = queries.list_told_cases(session(), wanted, now=now)
    return [view_of(told[one]) for one in wanted if one in told]

"""Saved searches: save one, list and change one's own, its feed, and the link in its mails that stops them."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from portal import clock
from portal.access import Public
from portal.errors import Hidden
from portal.forms import Form, PlainAct
from portal.library.access import Searches
from portal.library.asking import read_asked
from portal.library.models import SavedSearch
from portal.library.opendata.data_views import MOST_IN_FEED, feed_of
from portal.library.opendata.door import listed, marked
from portal.library.opendata.download_views import list_ids
from portal.library.pages.cards import address, pages
from portal.library.saved import searches
from portal.mail import ONE_CLICK
from portal.web import done, form_page, language, needs, permitted, portal, refusals, session, visitor, writing


class SavedSearchForm(Form):
    """What a saved search is called, and whether its news come by mail."""

    name = StringField(
        _("Name of the search"),
        filters=[lambda typed: typed.strip() if typed else typed],
        validators=[InputRequired(_("Please give the search a name."))],
    )
    by_mail = BooleanField(_("Send me a mail when new cases appear, at most one a day"))


@pages.route("/saved-searches")
@needs(Searches.KEEP)
def list_saved() -> ResponseReturnValue:
    """List one's own saved searches."""
    own = searches.list_saved(session(), str(visitor().id))
    return render_template(
        "library/list_saved.html",
        lines=[(search, searches.asked_of(search)) for search in own],
        address_of=lambda search, asked: f"{url_for('library.list_cases', lang=search.language)}?{search.asked}",
    )


@pages.route("/saved-searches/new", methods=["GET", "POST"])
@needs(Searches.KEEP)
def save_search() -> ResponseReturnValue:
    """Save the search whose parameters stand in the address."""
    asked = read_asked(request.args).on_page(1)
    form = SavedSearchForm(request.form or None, data={"name": asked.text[: searches.LONGEST_NAME], "by_mail": True})
    if request.method == "POST" and form.validate():
        with refusals(form):
            search = searches.save_search(
                writing(), asked, name=form.name.data, language=language().tag, by_mail=form.by_mail.data,
                by=str(visitor().id), now=clock.now(),
            )  # fmt: skip
            return done(gettext("The search “%(name)s” was saved.", name=search.name), "library.list_saved")
    return form_page("library/save_search.html", form, asked=asked, back=address(asked))


@pages.route("/saved-searches/<search_id>", methods=["GET", "POST"])
@needs(Searches.CHANGE)
def change_saved(search_id: str) -> ResponseReturnValue:
    """Rename one's own saved search, and begin or stop its mails."""
    search = _own(search_id)
    form = SavedSearchForm(request.form or None, obj=search)
    if request.method == "POST" and form.validate():
        with refusals(form):
            searches.change_search(
                writing(), search, name=form.name.data, by_mail=form.by_mail.data, by=visitor().id, now=clock.now()
            )
            return done(gettext("Your changes were saved."), "library.list_saved")
    return form_page("library/change_saved.html", form, search=search, asked=searches.asked_of(search))


@pages.route("/saved-searches/<search_id>/remove", methods=["GET", "POST"])
@needs(Searches.CHANGE)
def remove_saved(search_id: str) -> ResponseReturnValue:
    """Remove one's own saved search, asked once."""
    search, form = _own(search_id), PlainAct(request.form)
    if request.method == "POST" and form.validate():
        name = search.name
        searches.remove_search(writing(), search, by=str(visitor().id), now=clock.now())
        return done(gettext("The search “%(name)s” was removed.", name=name), "library.list_saved")
    return form_page("library/remove_saved.html", form, search=search)


def _own(search_id: str) -> SavedSearch:
    return permitted(searches.get_saved(session(), search_id))


@pages.route("/saved-searches/stop/<code>", methods=["GET", "POST"])
@needs(Public.READ)
def stop_mails(code: str) -> ResponseReturnValue:
    """Stop the mails of a search by the link in them: without a sign-in, asked once.

    A mail program that posts ``ONE_CLICK`` is not asked: the code, which only the mail holds, vouches for it.
    """
    g.private = True
    search = searches.get_by_stop_code(session(), code, secret=portal().settings.secret_key)
    if search is None:
        raise Hidden
    name, value = ONE_CLICK
    if request.method == "POST" and request.form.get(name) == value:
        g.csrf_failed = False
        searches.stop_mails(writing(), search, by=None, now=clock.now())
        return render_template("library/stop_mails.html", search=search, code=code)
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        searches.stop_mails(writing(), search, by=visitor().id, now=clock.now())
        return redirect(url_for("library.stop_mails", code=code), 303)
    return form_page("library/stop_mails.html", form, search=search, code=code)


@pages.route("/saved-searches/<code>.atom")
@needs(Public.READ)
def saved_feed(code: str) -> ResponseReturnValue:
    """Give the cases of a saved search that appeared last as an Atom feed, to whoever knows its key."""
    g.private = True
    search = searches.get_by_feed_key(session(), code)
    if search is None:
        raise Hidden
    asked = searches.asked_of(search)
    among = list_ids(asked)
    newest = sorted((one for one in listed() if one.id in among), key=lambda one: one.appeared_at, reverse=True)
    return marked(feed_of([one.id for one in newest[:MOST_IN_FEED]], asked))

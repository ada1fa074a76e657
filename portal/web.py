"""What a view asks of the door: the site, the session, who is there, what they may do, how refusals are told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from flask import Response, abort, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from portal import db
from portal.access import ANONYMOUS, Laws, Permission, Public, Visitor
from portal.config import Settings
from portal.errors import Hidden, Refusal, TooMany
from portal.files import FileStore
from portal.forms import Form, translated
from portal.i18n import Language, offered, sentence

#: What the database says when two people did what only one can do; on one machine they wait for each other instead.
COLLISIONS = (IntegrityError, ObjectDeletedError, StaleDataError)
AT_ONCE = sentence(
    "Somebody else changed the same at this moment, so nothing was saved. Please check it and try again."
)

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
log = structlog.get_logger("portal.web")


@dataclass
class Portal:
    """What one running site is made of."""

    settings: Settings
    database: db.Database
    laws: Laws
    store: FileStore
    load_visitor: Callable[[Session], Visitor]
    languages: Mapping[str, Language] = field(init=False)

    def __post_init__(self) -> None:
        self.languages = offered(pseudo=self.settings.pseudo_language)


def portal() -> Portal:
    """Return the site that the current application runs."""
    site: Portal = current_app.extensions["portal"]
    return site


def session() -> Session:
    """Return this request's session, good for reading."""
    if "session" not in g:
        g.session = portal().database.open()
    found: Session = g.session
    return found


def writing() -> Session:
    """Open this request's write transaction and return its session; the door commits it after a successful POST.

    Parse, hash and stage files before. Raises Forbidden (400 page) when the form's token is missing or stale.
    """
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        raise RuntimeError("Only a POST may write.")
    if g.get("csrf_failed"):
        abort(400, description="csrf")
    return db.begin_writing(session())


def visitor() -> Visitor:
    """Return who is at the door; nobody is looked up for a request without a session cookie."""
    if "visitor" not in g:
        known = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
        g.visitor = portal().load_visitor(session()) if known else ANONYMOUS
    found: Visitor = g.visitor
    return found


def language() -> Language:
    """Return the language this request is answered in."""
    found: Language = g.language
    return found


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare the one permission of a view.

    A permission about the visitor alone is checked here; one about a thing must be checked in the view with
    ``permitted(thing)``: an answer without that check becomes an error.
    """

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            g.permission = permission
            laws = portal().laws
            if permission is not Public.READ and not laws.may_enter(visitor(), permission):
                return _turn_away()
            g.permitted = not laws.is_about_a_thing(permission)
            if permission is Public.READ and request.method == "GET" and not request.args and visitor().signed_in:
                return _shared(functools.partial(view, *args, **kwargs))
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


#: The parts of a public page that differ between readers; each has a template of its own.
WHO = ("wide", "narrow", "flashes")


def _shared(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Answer a signed-in reader of a public page: the page is the same for all, only who is here is put in."""
    version = request.environ.get("portal.version")
    pages: dict[str, str] = {} if version is None else current_app.extensions["shared_pages"].of(version)
    response = Response(pages.get(request.path), mimetype="text/html")
    if request.path not in pages:
        g.shared = True
        response = current_app.make_response(view())
        g.shared = False
        if response.mimetype != "text/html" or response.is_streamed:
            return response
        if response.status_code == 200 and not g.get("private"):
            pages[request.path] = response.get_data(as_text=True)
    page = response.get_data(as_text=True)
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    for part in WHO:
        if (mark := f"<!--who:{part}-->") in page:
            shown = current_app.jinja_env.get_template(f"layouts/_who_{part}.html").render(context)
            page = page.replace(mark, shown)
    response.set_data(page)
    return response


Thing = TypeVar("Thing")


def permitted(thing: Thing | None, permission: Permission | None = None) -> Thing:
    """Return the thing if it exists and the visitor may do the view's act with it; else it is not found."""
    if thing is None or not portal().laws.allows(visitor(), permission or g.permission, thing):
        raise Hidden
    g.permitted = True
    return thing


def may(permission: Permission, thing: Any = None) -> bool:
    """Tell whether the visitor could do something: for buttons and links."""
    return portal().laws.allows(visitor(), permission, thing)


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Turn a refusal of an action into an error of the form: the page shows it and keeps what was typed."""
    try:
        yield
    except TooMany:
        raise
    except Refusal as refusal:
        session().rollback()
        form.refuse(refusal)
    except COLLISIONS as collision:
        log.warning("collision", endpoint=request.endpoint, kind=type(collision).__name__)
        session().rollback()
        form.refuse(Refusal(AT_ONCE))


def form_page(template: str, form: Form, **values: Any) -> ResponseReturnValue:
    """Return a page with its form: 200, or 422 when the form was refused."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


def done(said: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Say that an act is done and lead to the page of an endpoint; what the database refuses it refuses now."""
    if db.is_writing(session()):
        session().flush()
    flash(said, "good")
    return redirect(url_for(endpoint, **values), 303)


def offered_languages() -> list[Language]:
    """Return the languages in which people write: all that the site offers, the pseudo-language left out."""
    return [one for one in portal().languages.values() if not one.is_pseudo]


def client_address() -> str:
    """Return the address of the other end, as far as trusted proxies tell."""
    return request.remote_addr or "unknown"


def _turn_away() -> ResponseReturnValue:
    if visitor().signed_in:
        raise Hidden
    if wants_json():
        return jsonify(error=translated(Refusal(sentence("Please sign in again.")))), 401
    if request.method == "GET":
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    g.private = True
    return render_template("errors/signed_out.html", fields=fields, files=bool(request.files)), 401


def wants_json() -> bool:
    """Tell whether a script or a program asks, not a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"

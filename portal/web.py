"""The doors of the site: who is there, what they may do, one transaction for each POST, headers and errors."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)  # fmt: skip
from flask import session as flask_session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, force_locale
from flask_wtf.csrf import CSRFProtect, generate_csrf, validate_csrf
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.routing import ValidationError as NoMatch
from wtforms.validators import ValidationError

from portal import db
from portal.access import ANONYMOUS, Laws, Permission, Public, Visitor
from portal.catalogues import Catalogues
from portal.config import Settings
from portal.errors import Hidden, Refusal, TooMany
from portal.files import FileStore
from portal.forms import Form, translated
from portal.i18n import TRANSLATIONS, Language, negotiate, offered, sentence

#: What the database says when two people did what only one can do; on one machine they wait for each other instead.
COLLISIONS = (IntegrityError, ObjectDeletedError, StaleDataError)
AT_ONCE = sentence(
    "Somebody else changed the same at this moment, so nothing was saved. Please check it and try again."
)

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
log = structlog.get_logger("portal.web")

CATALOGUES = Catalogues(str(TRANSLATIONS))

#: Endpoints of libraries that keep their own door.
FOREIGN = ("security.",)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


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


#: What a program is told where nothing else says what is wrong.
SENTENCES = {
    400: sentence("This request could not be understood."),
    404: sentence("There is nothing at this address, or it is not public."),
    405: sentence("This address does not take that kind of request."),
    413: sentence("This request is too large."),
    500: sentence("Something went wrong on our side."),
}


class SmallNumber(IntegerConverter):
    """Whole numbers that every database can compare with its own."""

    regex = r"\d{1,9}"


class LanguageConverter(BaseConverter):
    """Matches the tags of the offered languages at the head of an address."""

    regex = "[a-z]{2,3}(?:-[A-Za-z]{2,4})?"

    def to_python(self, value: str) -> str:
        """Take only offered tags."""
        if value not in offered(pseudo=True):
            raise NoMatch
        return value


def install(app: Flask, site: Portal) -> None:
    """Hang the doors into an application."""
    app.extensions["portal"] = site
    app.url_map.converters["lang"] = LanguageConverter
    app.url_map.converters["int"] = SmallNumber
    CSRFProtect(app)
    Babel(app, locale_selector=lambda: g.language.locale if "language" in g else "en")
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_give_language)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_close)
    app.register_error_handler(Hidden, lambda _: _error_page(404))
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _broken)


def check_views(app: Flask) -> None:
    """Raise when a view declares no permission, or one that no table knows: the app must not start."""
    laws: Laws = app.extensions["portal"].laws
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(FOREIGN):
            continue
        permission = getattr(view, "permission", None)
        if permission is None:
            raise RuntimeError(f"The view {endpoint} declares no permission.")
        if permission not in laws.table:
            raise RuntimeError(f"The permission {permission} of {endpoint} stands in no table.")


def _take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    tags = portal().languages
    tag = (values or {}).pop("lang", None)
    if tag is None:
        head = request.path.split("/", 2)[1] if request.path.count("/") else ""
        tag = head if head in tags else negotiate([wish for wish, _ in request.accept_languages], tags)
    elif tag not in tags:
        abort(404)
    g.language = tags[tag]
    CATALOGUES.as_default()


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" in values or not current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        return
    values["lang"] = g.language.tag if has_request_context() and "language" in g else "en"


def _begin() -> None:
    """Start the clock, keep NUL letters out, and look at the token of everything that wants to change something.

    No database keeps a NUL, and nobody types one: there is nothing at a path with it; questions and forms lose it.
    """
    g.begun = time.perf_counter()
    if "\0" in request.path:
        abort(404)
    if b"%00" in request.query_string:
        request.args = _without_nul(request.args)
    if request.method in ("POST", "PUT", "PATCH", "DELETE"):
        request.form = _without_nul(request.form)
        try:
            validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
        except ValidationError:
            g.csrf_failed = True


def _without_nul(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    pairs = values.items(multi=True)
    return ImmutableMultiDict([(name.replace("\0", ""), value.replace("\0", "")) for name, value in pairs])


def _finish(response: Response) -> Response:
    """Commit a successful POST, drop everything else, and put the headers on."""
    if "session" in g and db.is_writing(g.session):
        if response.status_code < 400:
            try:
                db.commit(g.session)
            except Exception as problem:
                flask_session.pop("_flashes", None)  # what was to be told has not happened
                if not isinstance(problem, COLLISIONS):
                    raise
                response = current_app.make_response(_broken(problem))
        else:
            g.session.rollback()
    if g.get("permitted") is False and response.status_code < 400:
        log.error("unchecked", endpoint=request.endpoint)
        response = current_app.make_response(_error_page(500))
    if g.get("permission") is Public.READ and request.method in ("GET", "HEAD"):
        if not visitor().signed_in and response.status_code == 200 and not g.get("private"):
            response.headers["X-Page-Cache"] = "keep"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Cookie")
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if portal().settings.site_url.startswith("https:"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    log.info(
        "request",
        id=request.environ.get("portal.request_id"),
        method=request.method,
        path=_without_secrets(request.path),
        endpoint=request.endpoint,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.get("begun", time.perf_counter())) * 1000, 1),
        visitor=g.visitor.id if "visitor" in g else None,
    )
    return response


def _without_secrets(path: str) -> str:
    """Take the part of a mailed link that works like a password out of what is logged."""
    for name in ("token", "code"):
        secret = (request.view_args or {}).get(name)
        path = path.replace(str(secret), "…") if secret else path
    return path


def _close(_: BaseException | None) -> None:
    found: Session | None = g.pop("session", None)
    if found is not None:
        found.close()


def _error_page(status: int, message: str = "") -> ResponseReturnValue:
    if "session" in g:
        g.session.rollback()
    g.permitted = True
    g.private = True
    g.shared = False
    if "language" not in g:
        g.language = portal().languages["en"]
    if wants_json():
        return jsonify(error=message or translated(Refusal(SENTENCES.get(status, SENTENCES[500])))), status
    return render_template("errors/error.html", status=status, message=message), status


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return _error_page(429 if isinstance(refusal, TooMany) else 409, translated(refusal))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    response = current_app.make_response(_error_page(error.code or 500))
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def _broken(error: Exception) -> ResponseReturnValue:
    if isinstance(error, COLLISIONS):
        log.warning("collision", endpoint=request.endpoint, kind=type(error).__name__)
        return _error_page(409, translated(Refusal(AT_ONCE)))
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS") is not False:
        raise error
    log.exception("broken", path=_without_secrets(request.path))
    return _error_page(500)


__all__ = [
    "Form", "Public", "client_address", "force_locale", "generate_csrf", "install", "language", "may", "needs",
    "permitted", "portal", "refusals", "session", "visitor", "writing",
]  # fmt: skip

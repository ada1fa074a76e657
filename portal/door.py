"""The door of the site, around every view: language, token, one commit for each POST, headers and errors."""

from __future__ import annotations

import time
from typing import Any

import structlog
from flask import Flask, Response, abort, current_app, g, has_request_context, jsonify, render_template, request
from flask import session as flask_session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect, validate_csrf
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.routing import ValidationError as NoMatch
from wtforms.validators import ValidationError

from portal import db
from portal.access import Laws, Public
from portal.catalogues import CATALOGUES
from portal.errors import Hidden, Refusal, TooMany
from portal.forms import translated
from portal.i18n import negotiate, offered, sentence
from portal.web import AT_ONCE, COLLISIONS, Portal, portal, visitor, wants_json

log = structlog.get_logger("portal.door")

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

"""What every template knows: languages, visitor, site, and filters for moments, numbers and names."""

from __future__ import annotations

import mimetypes
from collections.abc import Hashable, MutableMapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal
from flask import Flask, Response, abort, current_app, g, request, url_for
from flask.templating import Environment
from flask_wtf.csrf import generate_csrf
from jinja2 import FileSystemBytecodeCache
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from portal import clock, web
from portal.access import Public
from portal.assets import FOREVER, Assets
from portal.catalogues import CATALOGUES
from portal.i18n import choose, clock_text, offset_text
from portal.memory import MOST_PAGES, Memory, kept, kept_block
from portal.web import language, needs, portal


class SiteEnvironment(Environment):
    """Hands templates their globals in one plain dict: through a chain of dicts each import of a page takes longer."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of one template."""
        return {**self.globals, **(d or {})}


def install(app: Flask) -> None:
    """Give the templates their words."""
    assets = app.extensions["assets"] = Assets()
    app.extensions["memory"] = Memory()
    app.extensions["shared_pages"] = Memory(MOST_PAGES)
    app.jinja_env.add_extension("jinja2.ext.do")
    compiled = app.extensions["portal"].settings.instance / "templates"
    compiled.mkdir(mode=0o700, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))  # a start need not compile them anew
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        number=number,
        country=country,
        text=text,
        in_language=in_language,
        zone=zone_name,
        city_of_zone=city_of_zone,
    )
    app.jinja_env.globals.update(
        lang=LocalProxy(language),
        asset=assets.address,
        csrf_token=csrf_token,
        url_in=url_in,
        alternates=alternates,
        may=web.may,
        now=_Now(),
        choose=choose,
        kept=kept_block,
    )
    app.jinja_env.globals["url_for"] = Addresses()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        CATALOGUES.gettext, CATALOGUES.plural, newstyle=True
    )
    app.context_processor(_context)
    app.add_url_rule("/static/<version>/<path:name>", "static_file", needs(Public.READ)(static_file))


class Addresses:
    """``url_for`` for templates: an address is built once per process, since it depends on its values alone."""

    MOST = 20_000

    def __init__(self) -> None:
        self.known: dict[Hashable, str] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:
        """Return the address of an endpoint in the request's language."""
        if endpoint.startswith("."):
            endpoint = f"{request.blueprint}{endpoint}"
        if any(isinstance(value, list | tuple) for value in values.values()) or "_external" in values:
            return url_for(endpoint, **values)
        key = (endpoint, language().tag, *sorted(values.items(), key=_first))
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= self.MOST:
                self.known.clear()
            found = self.known[key] = url_for(endpoint, **values)
        return found


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


class _Now:
    """The request's moment, asked for only where a template shows it."""

    def __call__(self) -> datetime:
        return clock.now()


def csrf_token() -> str:
    """Return this session's form token; a page that holds one is no longer the same for all."""
    if g.get("shared"):
        g.private = True
    return str(generate_csrf())


def _context() -> dict[str, Any]:
    return {
        "languages": list(portal().languages.values()),
        "visitor": web.visitor(),
        "shared": g.get("shared", False),
        "site": kept(current_app.extensions["site_for_templates"], "site"),
        "canonical": portal().settings.site_url + request.path,
        "demonstration": portal().settings.demonstration,
    }


#: Names in an address that mean something to ``url_for`` itself.
TAKEN = ("lang", "endpoint")


def url_in(tag: str) -> str:
    """Return the address of this page in another language, its query kept."""
    if request.endpoint and current_app.url_map.is_endpoint_expecting(request.endpoint, "lang"):
        asked = {key: value for key, value in request.args.lists() if key not in TAKEN and not key.startswith("_")}
        values = {**asked, **(request.view_args or {})}
        return url_for(request.endpoint, lang=tag, **values)
    return url_for("pages.home", lang=tag)


def alternates() -> list[tuple[str, str]]:
    """Return (tag, absolute address) of this page in every language, for hreflang."""
    if not request.endpoint or not current_app.url_map.is_endpoint_expecting(request.endpoint, "lang"):
        return []
    base = portal().settings.site_url
    found = [(tag, base + url_in(tag)) for tag in portal().languages]
    return [*found, ("x-default", base + url_in("en"))]


def moment(value: datetime | None, zone: str = "Asia/Seoul", style: str = "long") -> Markup | str:
    """Show a moment with its zone, as a <time> element; styles of the day are CLDR's (short, medium, long, full).

    The clock has 24 hours and names seconds only where they matter; the short style leaves the zone out.
    """
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    shown = clock_text(local, style, language().locale)
    named = Markup("") if style == "short" else Markup(" (<bdi>{}</bdi>)").format(offset_text(local))
    return Markup('<time datetime="{}">{}{}</time>').format(value.isoformat(timespec="seconds"), shown, named)


def zone_name(zone: str) -> str:
    """Return a zone as people write it: its offset from UTC now."""
    return offset_text(clock.now().astimezone(ZoneInfo(zone)))


def city_of_zone(zone: str) -> str:
    """Return the city after whose clock a zone is named, in the reader's language."""
    return get_timezone_location(ZoneInfo(zone), locale=language().locale, return_city=True)


def day(value: date | datetime | None, style: str = "long", zone: str = "Asia/Seoul") -> Markup | str:
    """Show a day as a <time> element."""
    if value is None:
        return ""
    plain = value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value
    shown = format_date(plain, style, locale=language().locale)
    return Markup('<time datetime="{}">{}</time>').format(plain.isoformat(), shown)


def number(value: Any, places: int | None = None) -> str:
    """Show a number in the reader's way of writing; ``places`` fixes the decimals."""
    if value is None:
        return ""
    pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, pattern, locale=language().locale)


def country(code: str | None) -> str:
    """Return the CLDR name of an ISO 3166-1 alpha-2 country."""
    return language().locale.territories.get(code or "", code or "")


def text(texts: Any, original: str | None = None) -> str | Markup:
    """Choose a text for the reader; one in another language is wrapped so that its language is known."""
    chosen = choose(texts, language().tag, original)
    return in_language(chosen.text, chosen.language) if chosen.is_fallback else chosen.text


def in_language(shown: str, tag: str) -> Markup:
    """Mark a piece of text as being in a language, with its direction."""
    known = portal().languages.get(tag)
    return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, known.dir if known else "auto", escape(shown))


def static_file(version: str, name: str) -> Response:
    """Serve a static file; normally the server in front has answered already."""
    assets: Assets = current_app.extensions["assets"]
    if name not in assets.content:
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(assets.content[name], mimetype=kind)
    response.headers["Cache-Control"] = FOREVER
    return response

"""The roof: puts the rooms, their laws and their jobs together into one application."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from flask import Flask, current_app, g, render_template
from flask_babel import force_locale
from flask_compress import Compress
from sqlalchemy import union_all
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

import judging.access
import portal.access
import portal.accounts.access
import portal.editions.access
import portal.library.access
import portal.pages.access
import submissions.access
from judging.queries import judges as judges_queries
from judging.queries import progress as progress_queries
from judging.staff_views.conflicts import pages as staff_conflicts_pages
from judging.staff_views.decisions import pages as staff_decisions_pages
from judging.staff_views.editions import pages as staff_editions_pages
from judging.staff_views.home import pages as staff_pages
from judging.staff_views.judges import pages as staff_judges_pages
from judging.staff_views.publication import pages as staff_publication_pages
from judging.staff_views.rounds import pages as staff_rounds_pages
from judging.staff_views.screening import pages as staff_screening_pages
from judging.staff_views.standings import pages as staff_standings_pages
from judging.views import pages as judging_pages
from portal import cli, desk, door, mail, retention, templating, web
from portal.access import ANONYMOUS, Laws, Visitor
from portal.accounts import queries as accounts_queries
from portal.accounts import security
from portal.accounts.views import pages as accounts_pages
from portal.catalogues import CATALOGUES
from portal.config import ROOT, Settings, read_settings
from portal.db import Database
from portal.editions import queries as editions_queries
from portal.editions.models import Edition
from portal.editions.views import pages as editions_pages
from portal.files import FileStore
from portal.i18n import offered
from portal.jobs import Handler
from portal.library import jobs as library_jobs
from portal.library import queries as library_queries
from portal.library.desk.views import pages as staff_library_pages
from portal.library.opendata.data_views import pages as library_data_pages
from portal.library.pages.views import pages as library_pages
from portal.pagecache import ContentVersion, PageCache
from portal.pages import queries as pages_queries
from portal.pages.site import site_for_templates
from portal.pages.staff_views import pages as content_pages
from portal.pages.views import pages as pages_pages
from portal.untranslated import pages as untranslated_pages
from submissions import queries as submissions_queries
from submissions.views import pages as submissions_pages

LAWS = Laws(
    portal.access.LAW, portal.accounts.access.LAW, portal.editions.access.LAW, portal.pages.access.LAW,
    portal.library.access.LAW, submissions.access.LAW, judging.access.LAW,
)  # fmt: skip

BLUEPRINTS = (
    pages_pages, content_pages, accounts_pages, editions_pages, library_pages,
    library_data_pages,
    submissions_pages,
    judging_pages, staff_pages,
    staff_editions_pages, staff_screening_pages, staff_judges_pages, staff_rounds_pages, staff_standings_pages,
    staff_decisions_pages, staff_publication_pages, staff_conflicts_pages,
    staff_library_pages, untranslated_pages,
)  # fmt: skip

#: What goes over the wire compressed: pages, static files, and what other programs read.
COMPRESSED = [
    "text/html", "text/css", "text/javascript", "text/plain", "text/xml", "text/csv", "text/turtle",
    "application/json", "application/ld+json", "application/xml", "application/atom+xml", "application/manifest+json",
    "application/x-bibtex", "application/x-research-info-systems", "application/vnd.citationstyles.csl+json",
    "image/svg+xml",
]  # fmt: skip
#: Megabytes of one request: the largest form with its attachments.
MOST_REQUEST_BYTES = 60_000_000


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application of one site."""
    settings = settings or read_settings()
    app = Flask("portal", root_path=str(ROOT), static_folder=None)
    app.jinja_environment = templating.SiteEnvironment
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=5_000_000,
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.site_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=60 * 60 * 24 * 14,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip"],
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_MIN_SIZE=500,
    )
    Compress(app)
    database = Database(settings.database_url)
    site = web.Portal(settings, database, LAWS, FileStore(settings.files), load_visitor)
    door.install(app, site)
    templating.install(app)
    app.extensions["site_for_templates"] = site_for_templates
    app.extensions["edition_figures"] = edition_figures
    app.extensions["is_being_judged"] = progress_queries.is_being_judged
    security.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    desk.install(app)
    door.check_views(app)
    app.extensions["job_handlers"] = job_handlers(app)
    cli.install(app)
    app.wsgi_app = _in_front(app, settings, database)  # type: ignore[method-assign]
    return app


#: Everything a visitor is made of, in one statement: it runs for every page of everybody who is signed in.
WHO = union_all(*accounts_queries.who_facts(), judges_queries.judgeship_facts())


def load_visitor(session: Session) -> Visitor:
    """Return who is at the door, judgeships included."""
    key = security.session_key()
    if key is None:
        return ANONYMOUS
    demonstration = bool(current_app.extensions["portal"].settings.demonstration)
    return accounts_queries.read_visitor(session.execute(WHO, {"key": key}), demonstration=demonstration)


def edition_figures(session: Session, edition: Edition) -> dict[str, int]:
    """Count what stands on an edition's results page beside its prizes: the public rooms do not know entries."""
    counted = submissions_queries.get_statistics(session, edition)
    return {"entries": counted.entries, "cities": counted.cities, "countries": counted.countries}


def job_handlers(app: Flask) -> dict[str, Handler]:
    """Return what does each kind of job."""
    site: web.Portal = app.extensions["portal"]
    send = partial(
        mail.send_message,
        transport=mail.make_transport(site.settings.smtp_url, site.settings.outbox),
        render=partial(render_mail, app),
        sender=site.settings.mail_from,
    )
    return {
        "mail.send": lambda database, payload, now: send(database, payload["message"], now=now),
        **library_jobs.handlers(site.settings),
        **retention.handlers(site.settings),
    }


def render_mail(app: Flask, template: str, tag: str, values: Any) -> mail.Rendered:
    """Render ``templates/emails/<template>.txt`` in a language: its first line is the subject."""
    language = offered(pseudo=True).get(tag) or offered()["en"]
    with app.test_request_context("/"):
        g.language = language
        CATALOGUES.as_default()
        with force_locale(language.locale):
            shown = render_template(
                f"emails/{template}.txt", site_url=app.extensions["portal"].settings.site_url, **values
            )
            contact = site_for_templates().contact_email
    subject, _, body = shown.strip().partition("\n")
    return mail.Rendered(subject.strip(), body.strip() + "\n", contact)


def _in_front(app: Flask, settings: Settings, database: Database) -> Any:
    """Stack the middlewares: proxies, static files, ready-made pages, application."""
    stack: Any = PageCache(app.wsgi_app, app.config["SESSION_COOKIE_NAME"], ContentVersion(database, list_moments))
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        stack = ProxyFix(stack, x_for=count, x_proto=count, x_host=count)
    return stack


def list_moments(session: Session) -> set[datetime]:
    """Return every moment at which a public page changes by itself."""
    return {
        *library_queries.list_moments(session),
        *editions_queries.list_moments(session),
        *pages_queries.list_moments(session),
    }

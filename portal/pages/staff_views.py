"""Staff writes information pages, notices and the site's settings in the browser."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, markdown, web
from portal.errors import Hidden, Refusal
from portal.forms import PlainAct
from portal.pages import actions, queries, rules
from portal.pages.access import Pages
from portal.pages.forms import NoticeForm, PageForm, site_form
from portal.web import done, form_page, needs, offered_languages, portal, refusals, session, visitor, writing

pages = Blueprint("content", __name__, url_prefix="/<lang:lang>/staff")


@pages.route("/pages")
@needs(Pages.EDIT)
def list_pages() -> ResponseReturnValue:
    """List the information pages and the languages they are written in."""
    written: dict[str, dict[str, queries.Told]] = {slug: {} for slug in rules.SLUGS}
    for row in queries.list_all_page_texts(session()):
        written.setdefault(row.slug, {})[row.language] = row
    return render_template("pages/staff/list_pages.html", written=written, offered=offered_languages())


@pages.route("/pages/<slug>/<tag>", methods=["GET", "POST"])
@needs(Pages.EDIT)
def edit_page(slug: str, tag: str) -> ResponseReturnValue:
    """Write an information page in one language."""
    texts = {row.language: row for row in queries.list_page_texts(session(), slug)}
    if not rules.is_slug(slug) or tag not in {language.tag for language in offered_languages()}:
        raise Hidden
    row = texts.get(tag)
    stored = {"title": row.title, "text": row.markdown, "seen_at": row.changed_at.isoformat()} if row else {}
    form = PageForm(request.form, data=stored)
    if request.method == "POST" and form.validate() and "preview" not in request.form:
        with refusals(form):
            actions.write_page(
                writing(), slug=slug, language=tag, title=form.title.data or "", text=form.text.data or "",
                seen_at=form.seen_at.data or "", by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(_("The page is saved and public."), ".edit_page", slug=slug, tag=tag)
    return form_page(
        "pages/staff/edit_page.html", form, slug=slug, tag=tag, row=row, texts=texts, offered=offered_languages(),
        direction=portal().languages[tag].dir, preview=_preview(form.text.data),
    )  # fmt: skip


@pages.route("/notices")
@needs(Pages.EDIT)
def list_notices() -> ResponseReturnValue:
    """List all notices, also those that have not appeared yet."""
    rows = [
        (notice, queries.choose_text(notice.texts, web.language().tag))
        for notice in queries.list_all_notices(session())
    ]
    return render_template(
        "pages/staff/list_notices.html", notices=rows, offered=offered_languages(), moment_now=clock.now()
    )


@pages.route("/notices/new", methods=["GET", "POST"])
@needs(Pages.EDIT)
def write_notice() -> ResponseReturnValue:
    """Begin a notice, in the language of the desk."""
    own = web.language()
    return _notice(None, offered_languages()[0].tag if own.is_pseudo else own.tag)


@pages.route("/notices/<notice_id>/<tag>", methods=["GET", "POST"])
@needs(Pages.EDIT)
def edit_notice(notice_id: str, tag: str) -> ResponseReturnValue:
    """Write a notice in one language."""
    if tag not in {language.tag for language in offered_languages()}:
        raise Hidden
    return _notice(notice_id, tag)


@pages.route("/notices/<notice_id>/remove", methods=["GET", "POST"])
@needs(Pages.EDIT)
def remove_notice(notice_id: str) -> ResponseReturnValue:
    """Ask once, then remove a notice in all languages."""
    notice = queries.get_notice(session(), notice_id)
    if notice is None:
        raise Hidden
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            db = writing()
            actions.remove_notice(db, notice, by=visitor().id, now=clock.now())
            return done(_("The notice is removed."), ".list_notices")
    text = queries.choose_text(notice.texts, web.language().tag)
    return form_page(
        "pages/staff/remove_notice.html",
        form,
        notice=notice,
        text=text,
    )


@pages.route("/site", methods=["GET", "POST"])
@needs(Pages.EDIT_SITE)
def edit_site() -> ResponseReturnValue:
    """Change the prize's name, tagline, contact and logo."""
    site = queries.get_site(session())
    stored: dict[str, str] = {"contact_email": site.contact_email} if site else {}
    for kind, texts in (
        (("name", site.names), ("tagline", site.taglines), ("address", site.contact_address)) if site else ()
    ):
        stored |= {f"{kind}-{tag}": text for tag, text in texts.items()}
    form = site_form(offered_languages())(request.form, data=stored)
    if request.method == "POST" and form.validate():
        with refusals(form):
            staged = None
            upload = request.files.get("logo")
            if upload is not None and upload.filename:
                try:
                    staged = portal().store.stage(
                        upload.stream, upload.filename, accept=["image"], most_bytes=rules.MOST_LOGO_BYTES
                    )
                except Refusal as refusal:
                    refusal.field = "logo"
                    raise
            db, now = writing(), clock.now()
            changed = actions.change_site(
                db, names=form.texts("name"), taglines=form.texts("tagline"), contact_address=form.texts("address"),
                contact_email=form.contact_email.data or "", by=visitor().id, now=now,
            )  # fmt: skip
            if staged or form.remove_logo.data:
                actions.change_logo(db, changed, staged, by=visitor().id, now=now)
            return done(_("The settings are saved."), ".edit_site")
    return form_page("pages/staff/edit_site.html", form, settings=site, offered=offered_languages())


def _notice(notice_id: str | None, tag: str) -> ResponseReturnValue:
    notice = queries.get_notice(session(), notice_id) if notice_id else None
    if notice_id and notice is None:
        raise Hidden
    row = next((row for row in notice.texts if row.language == tag), None) if notice else None
    moment = notice.visible_from if notice else clock.now() + timedelta(days=1)
    stored = {
        "title": row.title if row else "", "text": row.markdown if row else "",
        "source_url": notice.source_url if notice else "",
        "visible_from": moment.astimezone(ZoneInfo(rules.ZONE)).replace(tzinfo=None, second=0, microsecond=0),
    }  # fmt: skip
    form = NoticeForm(request.form, data=stored)
    if request.method == "POST" and form.validate() and "preview" not in request.form:
        with refusals(form):
            db = writing()
            written = actions.write_notice(
                db, queries.get_notice(db, notice_id) if notice_id else None, language=tag,
                title=form.title.data or "", text=form.text.data or "", visible_from=form.visible_moment(),
                source_url=form.source_url.data or None, by=visitor().id, now=clock.now(),
            )  # fmt: skip
            return done(_("The notice is saved."), ".edit_notice", notice_id=written.id, tag=tag)
    return form_page(
        "pages/staff/edit_notice.html", form, notice=notice, tag=tag, row=row, offered=offered_languages(),
        texts={text.language: text for text in notice.texts} if notice else {},
        direction=portal().languages[tag].dir, preview=_preview(form.text.data), moment_now=clock.now(),
    )  # fmt: skip


def _preview(text: str | None) -> str | None:
    """Return the text as it would be shown, when the preview was asked for."""
    return markdown.render(text or "") if "preview" in request.form else None

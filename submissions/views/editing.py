"""The entry editor: one section at a time, saved as typed, with its attachments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.definitions import queries as definitions
from portal.definitions.forms import SectionForm, section_form
from portal.definitions.rules import FilesField, Section
from portal.errors import Hidden, Refusal
from portal.files import StagedFile
from portal.forms import PlainAct, small_number, translated
from portal.web import form_page, language, needs, permitted, portal, refusals, session, visitor, writing
from submissions import queries
from submissions.access import Entries
from submissions.actions import attachments, drafting
from submissions.models import Entry
from submissions.reading import read_section
from submissions.views.blueprint import pages
from submissions.views.entries import Standing, standing_of

_BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing was saved: uploads that were refused, and questions that somebody else has changed."""

    uploads: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()


@pages.route("/<entry_id>/sections/<key>", methods=["GET", "POST"])
@needs(Entries.EDIT)
def edit_section(entry_id: str, key: str) -> ResponseReturnValue:
    """Answer the questions of one section; what is typed is saved even where it must still be corrected."""
    now = clock.now()
    entry, section = _entry_and_section(entry_id, key)
    form_class = section_form(entry.form, section, language().tag)
    if request.method == "GET":
        standing = standing_of(entry, queries.get_screening(session(), entry.id), now)
        if not standing.is_editable:
            return redirect(url_for(".show", entry_id=entry_id), 303)
        form = form_class(data=entry.answers)
        lines = form.check(entry.attachments) if request.args.get("check") else []
        return _page(standing, section, form, lines)
    form = form_class(_without_removed_row(request.form), data=entry.answers)
    trouble = _save(entry, section, form, now)
    if trouble is None:
        return redirect(_next_address(entry, section, form), 303)
    entry, section = _entry_and_section(entry_id, key)
    standing = standing_of(entry, queries.get_screening(session(), entry.id), now)
    return _page(standing, section, form, _lines_of(form, trouble), trouble), 409 if trouble.elsewhere else 422


@pages.route("/<entry_id>/sections/<key>/draft", methods=["POST"])
@needs(Entries.EDIT)
def save_draft(entry_id: str, key: str) -> ResponseReturnValue:
    """Save what is being typed, for the script; answers with the moment and the new revision."""
    now = clock.now()
    entry, section = _entry_and_section(entry_id, key)
    form = section_form(entry.form, section, language().tag)(request.form)
    if not form.validate():
        return jsonify(message=form.form_errors[0]), 400
    try:
        _write(writing(), entry, form, now)
    except drafting.ChangedElsewhere as refusal:
        return jsonify(message=f"{translated(refusal)} {gettext('Use the save button to see both texts.')}"), 409
    except Refusal as refusal:
        return jsonify(message=translated(refusal)), 409
    return jsonify(saved_at=entry.saved_at.isoformat(), revision=entry.revision, fields={"revision": entry.revision})


@pages.route("/attachments/<attachment_id>/remove", methods=["GET", "POST"])
@needs(Entries.REMOVE_ATTACHMENT)
def remove_attachment(attachment_id: str) -> ResponseReturnValue:
    """Ask once, then take a file off the entry."""
    attachment = permitted(queries.get_attachment(session(), attachment_id))
    entry = attachment.entry
    section = definitions.get_definition(entry.form).section_of(attachment.field)
    back = url_for(".show", entry_id=entry.id)
    if section is not None:
        back = url_for(".edit_section", entry_id=entry.id, key=section.key, _anchor=attachment.field)
    form = PlainAct(request.form)
    if request.method == "POST" and form.validate():
        with refusals(form):
            attachments.remove_attachment(writing(), attachment, by=visitor().id, now=clock.now())
            return redirect(back, 303)
    return form_page("submissions/remove_attachment.html", form, attachment=attachment, back=back)


def _entry_and_section(entry_id: str, key: str) -> tuple[Entry, Section]:
    entry = permitted(queries.get_entry(session(), entry_id))
    section = definitions.get_definition(entry.form).section(key)
    if section is None:
        raise Hidden
    return entry, section


def _page(
    standing: Standing, section: Section, form: SectionForm, lines: Sequence[tuple[str, str | None]],
    trouble: Trouble = Trouble(),
) -> str:  # fmt: skip
    """Render the editor; ``lines`` are sentences about faults with the ids of their inputs."""
    entry, keys = standing.entry, [one.section.key for one in standing.sections]
    place = keys.index(section.key)
    saved = {key: entry.answers.get(key) for key in trouble.elsewhere}
    return render_template(
        "submissions/edit_section.html", standing=standing, entry=entry, part=section, form=form, lines=lines,
        number=place + 1, previous=keys[place - 1] if place else None, wished_rows=_wished_rows(),
        upload_errors=trouble.uploads,
        elsewhere={
            one.key: one
            for one in read_section(section, saved, {}, language=language().tag).answers
            if one.key in saved
        },
        attachments={
            key: [one for one in entry.attachments if one.field == key]
            for key, question in section.by_key.items()
            if isinstance(question, FilesField)
        },
    )  # fmt: skip


def _lines_of(form: SectionForm, trouble: Trouble) -> list[tuple[str, str | None]]:
    first = trouble.elsewhere[0] if trouble.elsewhere else None
    lines: list[tuple[str, str | None]] = [(text, first) for text in form.form_errors]
    lines += [(str(text), one.id) for one in form for text in one.errors]
    return lines + [(text, f"file-{key}") for key, texts in trouble.uploads.items() for text in texts]


def _save(entry: Entry, section: Section, form: SectionForm, now: datetime) -> Trouble | None:
    """Save everything that was sent, or nothing; return None when it is saved."""
    staged, refused = _stage(section)
    if not form.validate() or refused:
        return Trouble(refused)
    try:
        _write(writing(), entry, form, now, staged)
    except Refusal as refusal:
        session().rollback()
        in_files = refusal.field is not None and isinstance(section.by_key.get(refusal.field), FilesField)
        if in_files:
            return Trouble({str(refusal.field): [translated(refusal)]})
        form.refuse(refusal)
        return Trouble(elsewhere=refusal.fields if isinstance(refusal, drafting.ChangedElsewhere) else ())
    return None


def _write(
    target: Session, entry: Entry, form: SectionForm, now: datetime, staged: Iterable[tuple[str, StagedFile]] = ()
) -> None:
    by = visitor().id
    drafting.save_draft(target, entry, form.answers(), by=by, now=now, revision=revision_of(request.form))
    for attachment in list(entry.attachments):
        if f"credit-{attachment.id}" in request.form or f"alt-{attachment.id}" in request.form:
            attachments.describe_attachment(
                target, attachment, credit=request.form.get(f"credit-{attachment.id}", attachment.credit),
                alt_text=request.form.get(f"alt-{attachment.id}", attachment.alt_text), by=by, now=now,
            )  # fmt: skip
    for key, file in staged:
        attachments.attach_file(target, entry, field=key, staged=file, by=by, now=now)


def _stage(section: Section) -> tuple[list[tuple[str, StagedFile]], dict[str, list[str]]]:
    """Check the uploads of a section and lay them into the store; return them, and sentences about refused ones."""
    staged: list[tuple[str, StagedFile]] = []
    refused: dict[str, list[str]] = {}
    for key, question in section.by_key.items():
        if not isinstance(question, FilesField) or g.get("csrf_failed"):
            continue
        most = question.max_megabytes * _BYTES_PER_MEGABYTE
        uploads = [(upload, upload.filename) for upload in request.files.getlist(f"file-{key}") if upload.filename]
        if not uploads and request.form.get("attach") == key:
            refused[key] = [gettext("Choose a file first, then press the button beside it.")]
        for upload, name in uploads:
            try:
                file = portal().store.stage(upload.stream, name, accept=list(question.accept), most_bytes=most)
            except Refusal as refusal:
                refused.setdefault(key, []).append(translated(refusal))
            else:
                staged.append((key, file))
    return staged, refused


def revision_of(sent: MultiDict[str, str]) -> int | None:
    """Return the revision that a page was made from, as its form says."""
    return small_number(sent.get("revision"))


def _wished_rows() -> dict[str, int]:
    """Return how many rows of a table the address asks to show."""
    table, _, count = request.args.get("rows", "").partition(":")
    return {table: int(count)} if count.isdecimal() and len(count) < 4 else {}


def _without_removed_row(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was sent without the table row whose remove button was pressed."""
    table, _, row = sent.get("remove_row", "").partition(":")
    number = small_number(row)
    if number is None:
        return sent
    kept: MultiDict[str, str] = MultiDict(
        (name, value) for name, value in sent.items(multi=True) if not name.startswith(f"{table}-{number}-")
    )
    return kept


def _next_address(entry: Entry, section: Section, form: SectionForm) -> str:
    """Return where to go after saving: on, out, or back to where a row or a file was asked for."""
    here: dict[str, Any] = {"entry_id": entry.id, "key": section.key}
    asked = {name: request.form.get(name, "") for name in ("add_row", "remove_row", "attach", "go")}
    if asked["add_row"] in section.by_key:
        table = asked["add_row"]
        rows = len(
            {name.split("-")[1] for name in request.form if name.startswith(f"{table}-") and name.count("-") == 2}
        )
        return url_for(".edit_section", **here, rows=f"{table}:{rows + 1}", _anchor=f"{table}-line-{rows}")
    if asked["remove_row"] or asked["attach"]:
        return url_for(".edit_section", **here, _anchor=asked["attach"] or asked["remove_row"].partition(":")[0])
    if asked["go"] == "exit":
        return url_for(".show", entry_id=entry.id)
    if form.check(entry.attachments, only_wrong=True):
        return url_for(".edit_section", **here, check=1)
    if asked["go"] == "check":
        return url_for(".check", entry_id=entry.id)
    keys = [one.key for one in definitions.get_definition(entry.form).sections]
    following = keys[keys.index(section.key) + 1 :]
    if following:
        return url_for(".edit_section", entry_id=entry.id, key=following[0])
    return url_for(".check", entry_id=entry.id)

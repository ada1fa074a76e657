"""Cases from a file of records."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.errors import Refusal
from portal.forms import translated
from portal.i18n import sentence
from portal.library.access import Library
from portal.library.actions import imports as actions
from portal.library.desk.door import pages
from portal.library.desk.forms import files as forms
from portal.library.record_reader import check_letters, read_cells
from portal.library.records import DETAILS, PARTS, PLAIN
from portal.web import form_page, needs, session, visitor, writing

#: Bytes and records of one import.
MOST_IMPORT_BYTES, MOST_RECORDS = 10_000_000, 5_000


@pages.route("/import", methods=["GET", "POST"])
@needs(Library.EDIT)
def import_cases() -> ResponseReturnValue:
    """Add and change cases from a file of records; every faulty record is named, and then nothing is imported."""
    form = forms.ImportForm(request.form if request.method == "POST" else None)
    faults: list[tuple[int, str, str]] = []
    if request.method == "POST" and form.validate():
        try:
            rows = _read_upload()
            counts = actions.import_records(writing(), rows, by=visitor().id, now=clock.now())
            flash(
                _("Imported: %(added)s added, %(changed)s changed, %(same)s the same.", added=counts.added,
                  changed=counts.changed, same=counts.same),
                "good",
            )  # fmt: skip
            return redirect(url_for(".list_cases"), 303)
        except actions.BadRecords as refusal:
            session().rollback()
            form.refuse(refusal)
            faults = [(fault.number, fault.id, translated(fault.refusal)) for fault in refusal.faults]
        except Refusal as refusal:
            session().rollback()
            form.refuse(refusal)
    return form_page(
        "library/staff/import_cases.html", form, faults=faults, plain=PLAIN, parts=PARTS,
        details=DETAILS,
    )  # fmt: skip


def _read_upload() -> list[Any]:
    """Return the records of the uploaded file; raise Refusal when it cannot be read."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Refusal(sentence("Choose a file."), field="file")
    content = upload.stream.read(MOST_IMPORT_BYTES + 1)
    if len(content) > MOST_IMPORT_BYTES:
        raise Refusal(
            sentence("“%(name)s” is larger than %(megabytes)s MB."), field="file", name=upload.filename,
            megabytes=MOST_IMPORT_BYTES // 1_000_000,
        )  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
        if upload.filename.lower().endswith(".csv"):
            rows: Any = [read_cells(line) for line in csv.DictReader(io.StringIO(text), strict=True)]
        else:
            rows = json.loads(text)
        check_letters(rows)
    except (ValueError, csv.Error, AttributeError):
        raise Refusal(
            sentence(
                "The file cannot be read as JSON or CSV in UTF-8. In a spreadsheet program, save it as “CSV UTF-8”."
            ),
            field="file",
        ) from None
    if not isinstance(rows, list) or not rows:
        raise Refusal(sentence("The file holds no list of records."), field="file")
    if len(rows) > MOST_RECORDS:
        raise Refusal(sentence("A file has at most %(most)s records."), field="file", most=MOST_RECORDS)
    return rows

"""How a case changes: every change is a new version, kept whole, noted in the audit log, followed by the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal import audit, jobs
from portal.library import details, records
from portal.library.copies import CaseCopy
from portal.library.models import Case, CaseMedium, CaseSource, CaseText, CaseVersion

#: The job that lets the index follow the database.
INDEX_JOB = "library.index"


def write(case: Case, copy: CaseCopy) -> None:
    """Give a case the values of a copy; texts of a language that the copy lacks are removed."""
    case.kind, case.award, case.edition_slug, case.category = copy.kind, copy.award, copy.edition_slug, copy.category
    case.rank, case.rank_text, case.year, case.organisation = copy.rank, copy.rank_text, copy.year, copy.organisation
    case.city, case.city_names, case.country = copy.city, dict(copy.city_names), copy.country
    case.latitude, case.longitude, case.themes = copy.latitude, copy.longitude, list(copy.themes)
    case.certainty, case.certainty_notes = copy.certainty, dict(copy.certainty_notes)
    case.original_language, case.details = copy.original_language, details.dump(copy.details)
    case.contact_email, case.extra, case.simulated = copy.contact_email, dict(copy.extra), copy.simulated
    case.visible_from = copy.visible_from
    rows = {text.language: text for text in case.texts}
    case.texts = [
        rows.get(tag) or CaseText(language=tag) for tag, told in copy.texts.items() if told.title.strip()
    ]  # fmt: skip
    for text in case.texts:
        for part, words in asdict(copy.texts[text.language]).items():
            setattr(text, part, words)
    if [(source.title, source.url) for source in case.sources] != list(copy.sources):
        kept = case.sources[: len(copy.sources)]
        kept += [CaseSource() for _ in range(len(copy.sources) - len(kept))]
        for position, (source, (title, url)) in enumerate(zip(kept, copy.sources, strict=True)):
            source.position, source.title, source.url = position, title, url
        case.sources = kept


def replace_case(
    session: Session, case: Case, copy: CaseCopy, act: str, *, by: str | None, now: datetime, note: str = "",
    note_in: str = "", pictures: Sequence[Mapping[str, Any]] | None = None,
) -> bool:  # fmt: skip
    """Give a stored case the values of a copy, and pictures if there are any to give, as its next version.

    Nothing is done when all of it is the same.
    """
    before = records.unfold(records.dump_case(case, everything=True))
    after = records.unfold(records.dump_copy(copy, everything=True))
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if pictures is not None and pictures != records.dump_pictures(case):
        changed.append("pictures")
        _hang(case, pictures)
    if changed:
        write(case, copy)
        count_up(session, case, act, note=note, note_in=note_in, by=by, now=now, fields=changed)
    return bool(changed)


def _hang(case: Case, pictures: Sequence[Mapping[str, Any]]) -> None:
    """Give a case these pictures, as ``records.dump_pictures`` writes them."""
    rows = case.media[: len(pictures)]
    first = rows[-1].position + 1 if rows else 0
    rows += [CaseMedium(position=first + place) for place in range(len(pictures) - len(rows))]
    for row, one in zip(rows, pictures, strict=True):
        row.file_id, row.credit, row.alts = one["file"], one["credit"], dict(one["alts"])
    case.media = rows


def count_up(
    session: Session, case: Case, act: str, *, by: str | None, now: datetime, note: str = "", note_in: str = "",
    text: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Make what was written to a case its next version, with the event of the audit log."""
    case.version += 1
    case.changed_at = now
    session.flush()
    audit.note(session, act, f"case:{case.id}", by=by, now=now, text=text, version=case.version, **facts)
    keep_version(session, case, note=note, note_in=note_in, by=by, now=now)


def keep_version(session: Session, case: Case, *, note: str, by: str | None, now: datetime, note_in: str = "") -> None:
    """Keep what a case says now under its present number, and let the index follow."""
    session.add(
        CaseVersion(
            case_id=case.id, number=case.version, note=note, written_at=now, written_by=by,
            record=records.dump_version(case, note_in=note_in if note else ""),
        )
    )  # fmt: skip
    session.flush()
    follow(session, now)


def follow(session: Session, now: datetime) -> None:
    """Let the index follow this transaction once it is committed."""
    jobs.enqueue(session, INDEX_JOB, {}, due_at=now, key="index")

"""Cases as records: one shape for ``portal/data/cases.json``, for import and export, and for the history of a case.

A record is a flat object. Texts carry their language in the name (``title_ko``, ``summary_en``, ``city_ko``,
``note_ko``; ``city`` and ``note`` alone are the English ones), the first source stands in ``source_title`` and
``source_url`` (none, or ``seed:`` and a name, for a text without a public address), further ones in
``extra_sources``, and ``details`` is what ``portal.library.details`` writes. A part of the details may also stand under
its own name, such as ``details.population``. ``portal.library.record_reader`` reads what comes from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC
from typing import Any

from portal.library import details
from portal.library.copies import CaseCopy, Telling
from portal.library.details import Details
from portal.library.models import Case

#: The parts of a text, as the names of a record begin.
PARTS = tuple(one.name for one in fields(Telling))
#: Names that stand alone in a record, in the order in which it is written.
PLAIN = (
    "id", "kind", "award", "edition_slug", "category", "rank", "rank_text", "year", "organisation", "city", "country",
    "lat", "lon", "geo_basis", "themes", "certainty", "note", "original_language", "source_title", "source_url",
    "extra_sources", "details", "contact_email", "extra", "simulated", "visible_from",
)  # fmt: skip

#: What only the editors read: never part of a public record.
INTERNAL = frozenset({"contact_email"})
#: What a kept version holds beside the record: its pictures, and the language in which its note is written.
BESIDE = ("pictures", "note_in")
#: The parts of ``details``, as names of their own.
DETAILS = tuple(f"details.{one.name}" for one in fields(Details))
EMPTY: tuple[Any, ...] = (None, "", [], {})


def copy_of(case: Case) -> CaseCopy:
    """Return a stored case as plain values."""
    return CaseCopy(
        id=case.id, kind=case.kind, award=case.award, edition_slug=case.edition_slug, category=case.category,
        rank=case.rank, rank_text=case.rank_text, year=case.year, organisation=case.organisation, city=case.city,
        city_names=dict(case.city_names), country=case.country, latitude=case.latitude, longitude=case.longitude,
        themes=tuple(case.themes), certainty=case.certainty, certainty_notes=dict(case.certainty_notes or {}),
        original_language=case.original_language,
        texts={
            text.language: Telling(**{part: getattr(text, part) for part in PARTS})
            for text in sorted(case.texts, key=lambda text: text.language)
        },
        sources=tuple((source.title, source.url) for source in case.sources),
        details=details.load(Details, case.details or {}), contact_email=case.contact_email,
        extra=dict(case.extra or {}), simulated=case.simulated, visible_from=case.visible_from,
    )  # fmt: skip


def dump_case(case: Case, *, everything: bool = False) -> dict[str, Any]:
    """Return a stored case as a record without its media; what is empty is left out.

    What only the editors may read is left out too, unless ``everything`` is asked for.
    """
    return dump_copy(copy_of(case), everything=everything)


def dump_version(case: Case, *, note_in: str = "") -> dict[str, Any]:
    """Return a stored case as its history keeps it: the whole record, and what stands BESIDE it."""
    kept = {**dump_case(case, everything=True), "pictures": dump_pictures(case)}
    return {**kept, "note_in": note_in} if note_in else kept


def dump_pictures(case: Case) -> list[dict[str, Any]]:
    """Return the pictures of a case in their order: the kept file, its credit and its words."""
    return [{"file": one.file_id, "credit": one.credit, "alts": dict(one.alts)} for one in case.media]


def dump_copy(copy: CaseCopy, *, everything: bool = False) -> dict[str, Any]:
    """Return plain values as a record: ``read_record`` reads it back without loss."""
    (first, address), *further = copy.sources or (("", None),)
    extra = dict(copy.extra)
    values: dict[str, Any] = {
        "id": copy.id, "kind": copy.kind, "award": copy.award, "edition_slug": copy.edition_slug,
        "category": copy.category, "rank": copy.rank, "rank_text": copy.rank_text, "year": copy.year,
        "organisation": copy.organisation, "city": copy.city, "country": copy.country, "lat": copy.latitude,
        "lon": copy.longitude, "geo_basis": extra.pop("geo_basis", None), "themes": list(copy.themes),
        "certainty": copy.certainty, "note": copy.certainty_notes.get("en"),
        "original_language": copy.original_language, "source_title": first, "source_url": address,
        "extra_sources": [{"title": title, "url": url} for title, url in further],
        "details": details.dump(copy.details), "contact_email": copy.contact_email, "extra": extra,
        "simulated": copy.simulated or None,
        "visible_from": copy.visible_from.astimezone(UTC).isoformat() if copy.visible_from else None,
    }  # fmt: skip
    named = {tag: name for tag, name in copy.city_names.items() if (tag, name) != ("en", copy.city)}
    record: dict[str, Any] = {}
    for name in PLAIN:
        if everything or name not in INTERNAL:
            record[name] = values[name]
        if name == "city":
            record |= {f"city_{tag}": text for tag, text in sorted(named.items())}
        elif name == "note":
            record |= {f"note_{tag}": text for tag, text in sorted(copy.certainty_notes.items()) if tag != "en"}
        elif name == "original_language":
            for tag, told in sorted(copy.texts.items()):
                record |= {f"{part}_{tag}": text for part, text in asdict(told).items()}
    return {name: value for name, value in record.items() if value not in EMPTY}


def unfold(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose details stand under names of their own: what is compared, shown and edited."""
    flat = {name: value for name, value in record.items() if name != "details"}
    return flat | {f"details.{name}": value for name, value in record.get("details", {}).items()}


def fold(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose dotted names (``details.budget.amount``) stand in their objects again."""
    record = {str(name): value for name, value in flat.items() if not str(name).startswith("details.")}
    inner = dict(record["details"]) if isinstance(record.get("details"), Mapping) else {}
    for name, value in flat.items():
        if str(name).startswith("details."):
            part, _, rest = str(name).removeprefix("details.").partition(".")
            if rest:
                inner[part] = {**(inner.get(part) or {}), rest: value}
            else:
                inner[part] = value
    inner = {name: value for name, value in inner.items() if value not in EMPTY}
    return {**record, "details": inner} if inner else record


def merge(known: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says after another one changes it: names that it leaves out stay as they are."""
    return fold({**unfold(known), **unfold(fold(row))})


def tags_in(found: Details) -> set[str]:
    """Return the languages in which details are written."""
    texts = [*found.technologies, *(text for one in found.indicators for text in (one.name, one.unit))]
    texts += [text for one in found.statements for text in (one.subject, one.text)]
    return {tag for text in texts for tag in text}


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values of a record say the same; all empty ones do."""
    return bool(one == other) or (one in EMPTY and other in EMPTY)

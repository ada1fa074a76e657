"""Reads records from outside; the first value that is not what its name expects is refused by that name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from portal.countries import country_codes
from portal.definitions.vocabulary import vocabularies
from portal.errors import Refusal
from portal.i18n import sentence
from portal.library import details
from portal.library.copies import CaseCopy, Telling
from portal.library.details import Details
from portal.library.records import EMPTY, PARTS, PLAIN, fold
from portal.mail import is_address
from portal.webaddress import completed, is_web_address

CATEGORIES = ("people-centric", "tech-innovation", "leadership")
EARLIEST, LATEST = 1900, 2100
_TAG = "[a-z]{2,3}(?:-[A-Za-z]{2,4})?"
_IN_LANGUAGE = re.compile(rf"({'|'.join((*PARTS, 'city', 'note'))})_({_TAG})")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,63}")
_DAY = re.compile(r"(?:\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)?")
_LISTS = frozenset({"themes", "details.partners", "details.target_groups", "details.sdgs"})
_NUMBERS = frozenset({"year", "lat", "lon"})


def check_letters(rows: Any) -> None:
    """Raise ValueError when texts of a file hold letters that no database keeps: NUL, and halves of others."""
    if rb"\u0000" in json.dumps(rows, ensure_ascii=False).encode():
        raise ValueError("The file holds a NUL letter.")


def read_record(row: Any) -> CaseCopy:
    """Return a record as the library takes it; without ``visible_from`` it is a draft.

    Raises Refusal with the name of the first faulty field and what is expected there; unknown names are faults.
    """
    if not isinstance(row, Mapping):
        raise Refusal(sentence("A record must be an object with names and values."))
    reader = _Reader(fold(row))
    sources = reader.sources()
    city = reader.text("city", required=True)
    names = {"en": city, **reader.languages("city")}
    texts = reader.tellings()
    if not texts:
        raise Refusal(sentence("A case needs a title in at least one language."), field="title_en", where="title_en")
    original = reader.text("original_language", "en")
    if not re.fullmatch(_TAG, original):
        reader.refuse("original_language", sentence("“%(where)s” must be the tag of a language, such as en or ko."))
    notes = {"en": reader.text("note"), **reader.languages("note")}
    extra = dict(reader.mapping("extra"))
    if basis := reader.text("geo_basis"):
        extra["geo_basis"] = basis
    return CaseCopy(
        id=reader.id(), kind=reader.choice("kind", vocabularies()["kinds"], required=True),
        award=reader.text("award", required=True), edition_slug=reader.text("edition_slug") or None,
        category=reader.choice("category", CATEGORIES) or None,
        rank=reader.choice("rank", vocabularies()["ranks"]) or None, rank_text=reader.text("rank_text"),
        year=reader.year(), organisation=reader.text("organisation"), city=city, city_names=names,
        country=reader.choice("country", country_codes(), required=True),
        latitude=reader.number("lat", 90), longitude=reader.number("lon", 180),
        themes=reader.choices("themes", vocabularies()["themes"]),
        certainty=reader.choice("certainty", vocabularies()["certainty"]) or "sure",
        certainty_notes={tag: note for tag, note in notes.items() if note}, original_language=original, texts=texts,
        sources=sources, details=reader.details(len(sources)), contact_email=reader.email(), extra=extra,
        simulated=reader.flag("simulated"), visible_from=reader.moment("visible_from"),
    )  # fmt: skip


def read_cells(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """Return a line of a CSV file as a record; empty cells are left out, lists are divided by semicolons.

    A cell that begins with ``[`` or ``{`` is JSON. What cannot be read stays text, for ``read_record`` to refuse.
    """
    return {name: _read_cell(name, text.strip()) for name, text in cells.items() if text and text.strip()}


def _read_cell(name: str, text: str) -> Any:
    if text[0] in "[{" or name in _NUMBERS or name == "simulated" or name.startswith("details."):
        try:
            value = json.loads(text.lower() if name == "simulated" else text)
        except ValueError:
            value = text
        if name not in _LISTS or isinstance(value, list):
            return value
    if name in _LISTS:
        parts = [part.strip() for part in text.split(";") if part.strip()]
        return [int(part) if part.isdecimal() else part for part in parts] if name == "details.sdgs" else parts
    return text


class _Reader:
    """Reads a record name by name and refuses the first value that is not what its name expects."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        for name in row:
            if name not in PLAIN and not _IN_LANGUAGE.fullmatch(name):
                self.refuse(name, sentence("There is no field “%(where)s”."))

    def refuse(self, where: str, message: str, **values: object) -> None:
        raise Refusal(message, field=where, where=where, **values)

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        value = self.row.get(name)
        if value is not None and not isinstance(value, str):
            self.refuse(name, sentence("“%(where)s” must be a text."))
        if required and not (value or "").strip():
            self.refuse(name, sentence("“%(where)s” is missing."))
        return (value or "").replace("\0", "").strip() or default

    def languages(self, part: str) -> dict[str, str]:
        found = {}
        for name in self.row:
            match = _IN_LANGUAGE.fullmatch(name)
            if match and match[1] == part and (text := self.text(name)):
                found[match[2]] = text
        return found

    def tellings(self) -> dict[str, Telling]:
        parts = {part: self.languages(part) for part in PARTS}
        for part, told in parts.items():
            for tag in told:
                if tag not in parts["title"]:
                    where = f"title_{tag}"
                    self.refuse(where, sentence("“%(where)s” is missing: “%(name)s” is there."), name=f"{part}_{tag}")
        return {tag: Telling(**{part: parts[part].get(tag, "") for part in PARTS}) for tag in parts["title"]}

    def id(self) -> str | None:
        text = self.text("id")
        if text and not _ID.fullmatch(text):
            self.refuse("id", sentence("“%(where)s” must be made of small letters, digits and hyphens."))
        return text or None

    def choice(self, name: str, among: Collection[str], *, required: bool = False) -> str:
        text = self.text(name, required=required)
        if text and text not in among:
            self._not_among(name, text, among)
        return text

    def choices(self, name: str, among: Collection[str]) -> tuple[str, ...]:
        values = self.row.get(name) or []
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            self.refuse(name, sentence("“%(where)s” must be a list of texts."))
        for one in values:
            if one not in among:
                self._not_among(name, one, among)
        return tuple(dict.fromkeys(values))

    def _not_among(self, name: str, value: object, among: Collection[str]) -> None:
        if len(among) > 40:
            self.refuse(
                name, sentence("“%(where)s” must be a country's two letters (ISO 3166-1), not “%(value)s”."),
                value=value,
            )  # fmt: skip
        self.refuse(
            name, sentence("“%(where)s” must be one of %(choices)s, not “%(value)s”."), value=value,
            choices=", ".join(among),
        )  # fmt: skip

    def year(self) -> int:
        value = self.row.get("year")
        if not isinstance(value, int) or isinstance(value, bool) or not EARLIEST <= value <= LATEST:
            self.refuse(
                "year", sentence("“%(where)s” must be a whole number from %(least)s to %(most)s."), least=EARLIEST,
                most=LATEST,
            )  # fmt: skip
        return int(value)  # type: ignore[arg-type]

    def number(self, name: str, most: int) -> float | None:
        value = self.row.get(name)
        if value in EMPTY:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not -most <= value <= most:
            self.refuse(
                name, sentence("“%(where)s” must be a number from %(least)s to %(most)s."), least=-most, most=most
            )
        return float(value)  # type: ignore[arg-type]

    def flag(self, name: str) -> bool:
        value = self.row.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, sentence("“%(where)s” must be true or false."))
        return bool(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self.row.get(name) or {}
        if not isinstance(value, Mapping):
            self.refuse(name, sentence("“%(where)s” must be an object with names and values."))
        return value

    def moment(self, name: str) -> datetime | None:
        text = self.text(name)
        try:
            found = datetime.fromisoformat(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or found.tzinfo is None):
            self.refuse(
                name, sentence("“%(where)s” must be a moment with its offset, such as 2026-10-01T18:00:00+09:00.")
            )
        return found.astimezone(UTC) if found else None

    def email(self) -> str:
        text = self.text("contact_email")
        if text and not is_address(text):
            self.refuse("contact_email", sentence("“%(where)s” must be a whole e-mail address."))
        return text

    def sources(self) -> tuple[tuple[str, str | None], ...]:
        first = self._source(self.text("source_title"), "source_url", self.row.get("source_url"))
        if first[1] and not first[0]:
            self.refuse("source_title", sentence("“%(where)s” is missing."))
        found = [first] if first[0] else []
        further = self.row.get("extra_sources") or []
        if not isinstance(further, list):
            self.refuse("extra_sources", sentence("“%(where)s” must be a list."))
        for place, one in enumerate(further):
            where = f"extra_sources[{place}]"
            if not isinstance(one, Mapping) or not isinstance(one.get("title"), str) or not one["title"].strip():
                self.refuse(where, sentence("“%(where)s” must be an object with a title and, if there is one, a url."))
            for name in one:
                if name not in ("title", "url"):
                    self.refuse(f"{where}.{name}", sentence("There is no field “%(where)s”."))
            found.append(self._source(one["title"].strip(), f"{where}.url", one.get("url")))
        return tuple(found)

    def _source(self, title: str, where: str, url: object) -> tuple[str, str | None]:
        """Read a source; an address that begins with "seed:" marks a text that has none in public."""
        if isinstance(url, str) and url.startswith("seed:"):
            return re.sub(r"^\[seed \d+\]\s*", "", title), None
        return title, self._address(where, url)

    def _address(self, where: str, value: object) -> str | None:
        if value in EMPTY:
            return None
        if not isinstance(value, str) or not is_web_address(value):
            self.refuse(where, sentence("“%(where)s” must be a whole web address, such as https://example.org."))
        return completed(value)

    def details(self, sources: int) -> Details:
        found = details.load(Details, self.row.get("details") or {})
        if found.income and found.income not in vocabularies()["income_bands"]:
            self._not_among("details.income", found.income, vocabularies()["income_bands"])
        for group in found.target_groups:
            if group not in vocabularies()["target_groups"]:
                self._not_among("details.target_groups", group, vocabularies()["target_groups"])
        for goal in found.sdgs:
            if not 1 <= goal <= 17:
                self.refuse(
                    "details.sdgs", sentence("“%(where)s” must be a whole number from %(least)s to %(most)s."),
                    least=1, most=17,
                )  # fmt: skip
        if found.budget and not re.fullmatch("[A-Z]{3}", found.budget.currency):
            self.refuse(
                "details.budget.currency", sentence("“%(where)s” must be the three letters of a currency, such as KRW.")
            )
        for where, one in _with_sources(found):
            if one.source is not None and one.source >= sources:
                self.refuse(
                    f"{where}.source",
                    sentence("“%(where)s” must be the place of one of the %(sources)s sources, from 0."),
                    sources=sources,
                )
            for name in ("date", "baseline_date"):
                if not _DAY.fullmatch(getattr(one, name, "")):
                    self.refuse(
                        f"{where}.{name}",
                        sentence("“%(where)s” must be a year, a month or a day, such as 2024, 2024-03 or 2024-03-31."),
                    )
        for place, one in enumerate(found.followers):
            if one.country not in country_codes():
                self._not_among(f"details.followers[{place}].country", one.country, country_codes())
        return found


def _with_sources(found: Details) -> Iterable[tuple[str, Any]]:
    """Give every part of the details that names its source, with its place."""
    for name in ("budget", "reach"):
        if getattr(found, name):
            yield f"details.{name}", getattr(found, name)
    for name in ("indicators", "followers", "statements"):
        for place, one in enumerate(getattr(found, name)):
            yield f"details.{name}[{place}]", one

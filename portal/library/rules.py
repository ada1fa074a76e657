"""Rules of the editors: when a case can be accepted, and which cases look like the same one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

#: The languages in which every case is told.
BASIC = ("en", "ko")
#: From this share of common words on, two titles are alike; they share two words at least.
ALIKE = 0.5
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a case needs: whether it is there, the page of the desk that holds it, and the field."""

    key: str
    is_done: bool
    page: str
    field: str = ""
    tag: str = ""


def check_case(record: Mapping[str, Any], pictures: Sequence[tuple[str, Mapping[str, str]]]) -> list[Check]:
    """Return what the acceptance of a case asks for.

    ``record`` is flat, as ``records.unfold`` gives it; ``pictures`` are credits with their words per language.
    """
    original = str(record.get("original_language") or "en")
    told = [
        Check("told", bool(record.get(f"title_{tag}") and record.get(f"summary_{tag}")), "edit_text", "title", tag)
        for tag in dict.fromkeys((original, *BASIC))
    ]
    figures = record.get("details.indicators") or []
    notes = record.get("certainty", "sure") == "sure" or bool(record.get("note") and record.get("note_ko"))
    return [
        *told,
        Check("source", bool(record.get("source_title")), "edit_sources", "sources-0-title"),
        Check("city", bool(record.get("city") and record.get("city_ko")), "edit_facts", "city_ko"),
        Check("country", bool(record.get("country")), "edit_facts", "country"),
        Check("year", bool(record.get("year")), "edit_facts", "year"),
        Check("themes", bool(record.get("themes")), "edit_facts", "themes"),
        Check("notes", notes, "edit_facts", "note"),
        Check("pictures", all(credit and set(BASIC) <= set(alts) for credit, alts in pictures), "edit_pictures"),
        Check(
            "indicators", all(one.get("date") and one.get("source") is not None for one in figures), "edit_figures",
            "indicators",
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brief:
    """What makes two cases look alike."""

    id: str
    city: str
    country: str
    year: int
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two cases that may be one: of the same place and year, or with titles alike in a language."""

    one: str
    other: str
    is_same_place: bool
    alike_in: str


def list_twins(briefs: Iterable[Brief]) -> list[Twins]:
    """Return the pairs of cases that may be one, in the order of their ids."""
    cases = {brief.id: brief for brief in sorted(briefs, key=lambda brief: brief.id)}
    words = {(identity, tag): _words(title) for identity, brief in cases.items() for tag, title in brief.titles.items()}
    groups: dict[object, list[str]] = {}
    for identity, brief in cases.items():
        groups.setdefault((brief.city.casefold(), brief.country, brief.year), []).append(identity)
    places = {pair for group in groups.values() for pair in combinations(group, 2)}
    holders: dict[tuple[str, str], list[str]] = {}
    for (identity, tag), some in words.items():
        for word in some:
            holders.setdefault((tag, word), []).append(identity)
    alike: dict[tuple[str, str], str] = {}
    for (tag, _), group in holders.items():
        for pair in combinations(group, 2):
            if pair not in alike and _is_alike(words[pair[0], tag], words[pair[1], tag]):
                alike[pair] = tag
    return [Twins(*pair, pair in places, alike.get(pair, "")) for pair in sorted(places | alike.keys())]


def _words(title: str) -> frozenset[str]:
    """Return the words of a title, those of scripts without spaces or with joined particles as pairs of letters."""
    found: set[str] = set()
    for word in re.findall(r"\w+", title.casefold()):
        if _CJK.search(word):
            found.update(word[place : place + 2] for place in range(max(1, len(word) - 1)))
        elif len(word) > 2:
            found.add(word)
    return frozenset(found)


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= 2 and shared >= ALIKE * len(one | other)

"""Languages: which are offered, how texts are chosen among them, and what belongs to a language tag."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_datetime, get_date_format, get_datetime_format

from portal.config import ROOT

TRANSLATIONS = ROOT / "translations"
SOURCE_LANGUAGE = "en"
#: The generated language of the tests: right-to-left, every translated sentence between ⟦ and ⟧.
PSEUDO_TAG = "ar-XB"


@dataclass(frozen=True, slots=True)
class Language:
    """An offered language: its BCP 47 tag, its own name, and its direction."""

    tag: str
    name: str
    dir: str

    @property
    def locale(self) -> Locale:
        """The CLDR locale used for dates, numbers and names."""
        return _locale(self.tag)

    @property
    def is_pseudo(self) -> bool:
        """Whether this is the generated language of the tests."""
        return self.tag == PSEUDO_TAG


@cache
def _locale(tag: str) -> Locale:
    return Locale.parse("ar" if tag == PSEUDO_TAG else tag, sep="-")


@cache
def offered(*, pseudo: bool = False) -> dict[str, Language]:
    """Return the languages that have a folder in ``translations/``, Korean and English first."""
    tags = sorted(
        (folder.name.replace("_", "-") for folder in TRANSLATIONS.iterdir() if folder.is_dir()),
        key=lambda tag: ({"ko": 0, "en": 1}.get(tag, 2), tag),
    )
    languages = {}
    for tag in tags + ([PSEUDO_TAG] if pseudo else []):
        locale = _locale(tag)
        name = "⟦Pseudo⟧" if tag == PSEUDO_TAG else (locale.get_display_name() or tag)
        languages[tag] = Language(tag, name, "rtl" if locale.character_order == "right-to-left" else "ltr")
    return languages


def negotiate(accepted: Iterable[str], tags: Iterable[str]) -> str:
    """Choose the best offered tag for an ordered list of wished ones, however spelled; English when none fits."""
    known = {_spelled(tag): tag for tag in tags}
    found = negotiate_locale(map(_spelled, accepted), known, sep="_")
    return known.get(_spelled(found or ""), SOURCE_LANGUAGE)


def _spelled(tag: str) -> str:
    return tag.replace("-", "_").lower()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A text and the language it stands in; ``is_fallback`` when it is not the one asked for."""

    text: str
    language: str
    is_fallback: bool


def choose(texts: Mapping[str, str] | None, language: str, original: str | None = None) -> Chosen:
    """Choose a text: the language asked for, else the original, else English, else any; empty when there is none."""
    texts = texts or {}
    for tag in (language, original, SOURCE_LANGUAGE, *texts):
        if tag and texts.get(tag):
            return Chosen(texts[tag], tag, tag != language)
    return Chosen("", language, False)


def clock_text(local: datetime, style: Any, locale: Locale) -> str:
    """Join CLDR's pattern of the day with a 24-hour clock, which no reader in any country can take for noon."""
    glue = str(get_datetime_format(style, locale=locale))
    pattern = glue.replace("{1}", get_date_format(style, locale=locale).pattern).replace(
        "{0}", "HH:mm:ss" if local.second else "HH:mm"
    )
    return format_datetime(local, pattern, locale=locale, tzinfo=local.tzinfo)


def offset_text(local: datetime) -> str:
    """Return the offset as people write it: UTC+9, UTC−3:30."""
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def moment_text(local: datetime, locale: Locale) -> str:
    """Return a moment with its zone in words, as on the pages: 2026년 5월 29일 23:59:59 (UTC+9)."""
    return f"{clock_text(local, 'long', locale)} ({offset_text(local)})"


def written_moment(moment: datetime, zone: str, tag: str) -> str:
    """Return a moment as the reader of a mail writes it."""
    return moment_text(moment.astimezone(ZoneInfo(zone)), (offered(pseudo=True).get(tag) or offered()["en"]).locale)


def sentence(text: str) -> str:
    """Mark a sentence for the catalogues where nothing can translate it yet (rules, actions)."""
    return text


def folder_of(tag: str) -> Path:
    """Return the folder of a language's catalogues."""
    return TRANSLATIONS / tag.replace("-", "_")


def sort_key(name: str) -> str:
    """Return what a name is sorted by: code points, accents apart, are in order for Latin letters and for Hangul."""
    plain = unicodedata.normalize("NFKD", name) if name and name[0] < "\u1100" else name
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()

"""The catalogues of the interface: loaded once per process, generated for the pseudo language, kept up to date."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.support import NullTranslations, Translations
from flask import g
from flask_babel import Domain

from portal.config import ROOT
from portal.i18n import SOURCE_LANGUAGE, TRANSLATIONS

FOLDERS = ("portal", "submissions", "judging", "templates")
TEMPLATE = TRANSLATIONS / "messages.pot"
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_JINJA = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
_OPTIONS = {"**.html": _JINJA, "**.txt": _JINJA}
_KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "sentence": None, "pgettext": ((1, "c"), 2),
}  # fmt: skip


class PseudoTranslations(NullTranslations):
    """Puts every sentence that can be translated between ⟦ and ⟧."""

    def gettext(self, message: str) -> str:
        """Mark a sentence."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Mark a sentence with a number."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    ugettext = gettext
    ungettext = ngettext


PSEUDO = PseudoTranslations()


class Catalogues(Domain):
    """The site's own messages; one instance, so that a catalogue is read once per process and not per request."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.folder = folder
        self.loaded: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Return the translations of the request's language; called for every sentence, so it only looks up."""
        language = g.get("language")
        if language is None:
            return NullTranslations()
        found = self.loaded.get(language.tag)
        if found is None:
            found = PSEUDO if language.is_pseudo else Translations.load(self.folder, [str(language.locale)])
            self.loaded[language.tag] = found
        return found

    def plural(self, singular: str, plural: str, number: int) -> str:
        """Return the right form with its placeholders unfilled: the template fills all of them at once."""
        return str(self.get_translations().ungettext(singular, plural, number))


CATALOGUES = Catalogues(str(TRANSLATIONS))


def compile_catalogues(folder: Path = TRANSLATIONS) -> int:
    """Compile every .po file newer than its .mo file; return how many."""
    count = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = pofile.read_po(file, locale=source.parts[-3])
        unfinished = target.with_suffix(f".{os.getpid()}.new")  # several processes may find the same file out of date
        with unfinished.open("wb") as file:
            mofile.write_mo(file, catalogue)
        unfinished.replace(target)
        count += 1
    return count


def extract() -> Catalog:
    """Return a catalogue of every sentence in code and templates."""
    catalogue = Catalog(charset="utf-8")
    for folder in FOLDERS:
        found = extract_from_dir(
            ROOT / folder, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS, comment_tags=("L10N:",)
        )
        for filename, _line, message, comments, context in found:
            catalogue.add(message, locations=[(f"{folder}/{filename}", 0)], auto_comments=comments, context=context)
    return catalogue


def update(folder: Path = TRANSLATIONS) -> dict[str, int]:
    """Write the template and bring every language's catalogue up to date; return language → untranslated messages."""
    template = extract()
    _write(TEMPLATE, template)
    missing = {}
    for source in sorted(folder.glob("*/LC_MESSAGES")):
        tag = source.parent.name
        if tag == SOURCE_LANGUAGE:
            continue
        path = source / "messages.po"
        if path.exists():
            with path.open("rb") as file:
                catalogue = pofile.read_po(file, locale=tag)
        else:
            catalogue = Catalog(locale=tag, charset="utf-8")
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(path, catalogue)
        missing[tag] = sum(1 for message in catalogue if message.id and not is_complete(message.string))
    return missing


def is_complete(translation: object) -> bool:
    """Tell whether a translation has words in all its forms."""
    if isinstance(translation, (list, tuple)):
        return bool(translation) and all(translation)
    return bool(translation)


def _write(path: Path, catalogue: Catalog) -> None:
    catalogue.project, catalogue.version, catalogue.fuzzy = "Smart City Prize Portal", "1", False
    catalogue.header_comment = "# Sentences of the Smart City Prize Portal. Apache License 2.0."
    catalogue.last_translator = catalogue.language_team = "Authors of the Smart City Prize Portal"
    catalogue.msgid_bugs_address = "see CONTRIBUTING.md"
    with path.open("wb") as file:
        pofile.write_po(
            file, catalogue, width=120, no_location=False, include_lineno=False, omit_header=False, sort_output=True,
            include_previous=False,
        )  # fmt: skip
    # The dates of the header would change with every run and hide real changes.
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "-Date:" not in line and "Generated-By" not in line))

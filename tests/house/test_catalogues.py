"""The catalogues: complete, with the same placeholders, and finding what is written in code and templates."""

from __future__ import annotations

import re

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog
from flask import Flask, g
from flask_babel import force_locale

from portal import catalogues
from portal.i18n import SOURCE_LANGUAGE, TRANSLATIONS, offered

LANGUAGES = [tag for tag in offered() if tag != SOURCE_LANGUAGE]


def read(tag: str, domain: str) -> Catalog:
    with (TRANSLATIONS / tag.replace("-", "_") / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return pofile.read_po(file, locale=tag.replace("-", "_"))


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    return catalogues.extract()


def test_extraction_finds_code_and_templates(extracted: Catalog) -> None:
    assert extracted.get("“%(name)s” is empty.") is not None  # portal/files.py
    assert extracted.get("Skip to the main text") is not None or any(
        location[0].startswith("templates/layouts") for message in extracted for location in message.locations
    )


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_sentence_is_translated(tag: str, extracted: Catalog) -> None:
    catalogue = read(tag, "messages")
    missing = [
        message.id for message in extracted
        if message.id and not catalogues.is_complete(found.string if (found := catalogue.get(message.id, message.context)) else "")
    ]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("domain", ["messages", "flask_security"])
def test_translations_keep_their_placeholders(tag: str, domain: str) -> None:
    wrong = []
    for message in read(tag, domain):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = {name for text in ids for name in re.findall(r"%\((\w+)\)[sd]", text)}
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for text in texts:
            found = set(re.findall(r"%\((\w+)\)[sd]", text))
            if found - wanted or (wanted - {"num"}) - found:
                wrong.append((message.id, text))
    assert wrong == []


def test_korean_sentences_are_korean() -> None:
    """A translation without one Hangul letter is a leftover, unless it is a name, a number or a sign."""
    keep = re.compile(r"^[\W\d_]*$|^(JSON|CSV|RSS|Atom|PDF|API|SDG|URL|KO|EN|WeGO|BibTeX)\b|^\s*[kM]B$")
    left = [
        message.id for message in read("ko", "messages")
        if message.id and isinstance(message.string, str) and not re.search("[가-힣]", message.string)
        and not keep.search(re.sub(r"%\(\w+\)s|%%", "", message.string))
    ]  # fmt: skip
    assert left == []


def test_a_language_keeps_its_own_catalogue_whatever_locale_it_was_first_asked_under(app: Flask) -> None:
    fresh, languages = catalogues.Catalogues(str(TRANSLATIONS)), app.extensions["portal"].languages
    with app.test_request_context("/ko/"):
        for tag, locale in (("en", "ko"), ("ko", "en")):
            g.language = languages[tag]
            with force_locale(locale):
                fresh.get_translations()
        for tag, word in (("en", "City"), ("ko", "도시")):
            g.language = languages[tag]
            assert fresh.gettext("City") == word

"""The templates as a set: each compiles, follows the strict CSP, and leaves no sentence outside the catalogues."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles(whole_app: Flask, path: Path) -> None:
    whole_app.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_follows_the_content_policy(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<[a-z][^>]*\sstyle\s*=", source)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*(?:src=|ld\+json))", source)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//(?!www\.w3\.org)", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_no_bare_words(path: Path) -> None:
    """Words between tags must stand in {% trans %} or _()."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"{%-?\s*trans\b.*?endtrans\s*-?%}", " ", source, flags=re.S)
    source = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}|<!--.*?-->", " ", source, flags=re.S)
    source = re.sub(r"<(script|svg|code)\b.*?</\1>", " ", source, flags=re.S)
    bare = [text.strip() for text in re.findall(r">([^<>]+)<", source) if re.search(r"[A-Za-z]{3,}", text)]
    assert [text for text in bare if text not in ALLOWED] == []


ALLOWED = {"Human-CentriCity", "Tech-InnovaCity", "&nbsp;", "&middot;"}

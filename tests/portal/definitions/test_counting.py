"""Lengths are fair to every script."""

from __future__ import annotations

import unicodedata

import pytest

from portal.definitions.counting import count_characters, count_words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("  \n ", 0),
        (" abc ", 3),
        ("a\r\nb", 3),
        ("a\rb", 3),
        ("한국어", 3),
        (unicodedata.normalize("NFD", "한국어"), 3),
        ("é", 1),
        ("e\u0301", 1),
        ("ที่นี่", 2),
        ("น้ำ", 1),
        ("नमस्ते", 3),
        ("👨‍👩‍👧", 1),
        ("👍🏽", 1),
        ("🇰🇷🇵🇭", 2),
        ("a\u200eb\u200f", 2),
        ("漢字", 2),
        ("سلام", 4),
        ("سَلَام", 4),
    ],
)
def test_characters_are_counted_as_a_reader_would(text: str, count: int) -> None:
    assert count_characters(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one", 1),
        ("one, two — three!", 3),
        ("don't re-use 3.5", 3),
        ("스마트 도시 상", 3),
        ("智慧城市", 4),
        ("スマート", 4),
        ("東京 2024", 3),
        ("สวัสดี", 1),
        ("สวัสดีชาวโลก", 3),
    ],
)
def test_words_are_counted_for_scripts_with_and_without_spaces(text: str, count: int) -> None:
    assert count_words(text) == count

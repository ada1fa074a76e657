"""The data files hold together: every text in both languages, every key known, every reference resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "portal" / "data"
FILES = sorted(path.name for path in DATA.glob("*.json"))
PAGES = ("the-prize", "criteria", "timeline", "faq", "rules", "privacy", "accessibility", "contact")
KINDS = {
    "text", "paragraph", "choice", "choices", "number", "date", "country",
    "email", "url", "phone", "consent", "table", "files",
}  # fmt: skip
HANGUL = re.compile(r"[가-힣]")


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"), object_pairs_hook=_without_repeats)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key is repeated: {keys}"
    return dict(pairs)


def nodes(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    yield where, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from nodes(child, f"{where}/{key}")
    elif isinstance(value, list):
        for place, child in enumerate(value):
            yield from nodes(child, f"{where}/{place}")


def all_fields(forms: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, section in forms["sections"].items():
        for field in section["fields"]:
            yield f"{key}.{field['key']}", field
            for column in field.get("columns", []):
                yield f"{key}.{field['key']}.{column['key']}", column


@pytest.mark.parametrize("name", FILES)
def test_every_text_is_written_in_english_and_korean(name: str) -> None:
    texts = [(where, node) for where, node in nodes(load(name)) if isinstance(node, dict) and {"en", "ko"} & set(node)]
    for where, text in texts:
        assert set(text) == {"en", "ko"}, where
        assert text["en"].strip() == text["en"] != "", where
        assert text["ko"].strip() == text["ko"] != "", where
        assert not HANGUL.search(text["en"]), f"Korean in the English text at {where}"
    assert texts or name == "cases.json"


@pytest.mark.parametrize("name", FILES)
def test_every_source_address_is_complete_or_none(name: str) -> None:
    for where, node in nodes(load(name)):
        if where.endswith("_url") and node is not None:
            assert re.match(r"(https?://[^\s]+\.[^\s]+|seed:\S+)$", node), where


def test_cases_are_complete_and_use_the_vocabulary() -> None:
    cases, words = load("cases.json"), load("vocabulary.json")
    assert len(cases) == len({case["id"] for case in cases}) == 80
    for case in cases:
        assert case["kind"] in words["kinds"], case["id"]
        assert case["rank"] is None or case["rank"] in words["ranks"], case["id"]
        assert case["category"] is None or case["category"] in words["categories"], case["id"]
        assert set(case["themes"]) <= set(words["themes"]), case["id"]
        assert case["award"] in words["awards"], case["id"]
        assert not case["rank_text"] or case["rank_text"] in words["rank_texts"], case["id"]
        assert case["certainty"] in words["certainty"], case["id"]
        assert bool(case["note"]) == bool(case["note_ko"]), case["id"]
        assert all(case[key].strip() for key in ("title_en", "title_ko", "summary_en", "summary_ko", "city_ko"))
        assert re.fullmatch("[A-Z]{2}", case["country"]), case["id"]


def test_editions_keep_contradicting_claims_with_their_sources() -> None:
    editions = load("editions.json")
    assert [edition["slug"] for edition in editions] == ["2023", "2024", "2025", "2026"]
    assert [edition["ordinal"] for edition in editions] == [1, 2, 3, 4]
    for edition in editions:
        opens, closes, ceremony = (
            datetime.fromisoformat(edition[key]) for key in ("call_opens_at", "call_closes_at", "ceremony_at")
        )
        assert opens.utcoffset() == closes.utcoffset() == ceremony.utcoffset() == timedelta(hours=9)
        assert opens < closes < ceremony
        assert all(claim["source_title"] and claim["value"] for claim in edition["claims"])
        assert all(claim["on"] is None or date.fromisoformat(claim["on"]) for claim in edition["claims"])
        assert len({(claim["key"], claim["value"]) for claim in edition["claims"]}) == len(edition["claims"])
    entries = [claim["value"] for claim in editions[1]["claims"] if claim["key"] == "entries"]
    assert entries == ["216", "220", "280"]
    assert editions[3]["results_found"] is False


def test_template_weights_are_one_whole_in_every_category() -> None:
    rule_set = load("edition_template.json")["rule_set"]
    keys = [criterion["key"] for criterion in rule_set["criteria"]]
    assert keys == ["problem", "process", "budget", "implementation", "learning", "value"]
    for criteria in (rule_set["criteria"], *rule_set["criteria_by_category"].values()):
        assert [criterion["key"] for criterion in criteria] == keys
        assert sum(Fraction(criterion["weight"]) for criterion in criteria) == 100
        for criterion in criteria:
            scores = [anchor["score"] for anchor in criterion["anchors"]]
            assert scores == sorted(set(scores)), criterion["key"]
            assert rule_set["scale"]["minimum"] == scores[0], criterion["key"]
            assert rule_set["scale"]["maximum"] == scores[-1], criterion["key"]


def test_template_prizes_are_those_of_the_real_prize() -> None:
    template, forms = load("edition_template.json"), load("forms.json")
    by_key = {form["key"]: form for form in forms["forms"]}
    quotas = {
        category["key"]: {prize["rank"]: prize["quota"] for prize in category["prizes"]}
        for category in template["categories"]
    }
    project = {"gold": 1, "silver": 2, "bronze": 3, "corporate": 1, "institution": 1}
    assert quotas == {"people-centric": project, "tech-innovation": project, "leadership": {"leadership": 2}}
    assert [(prize["rank"], prize["quota"]) for prize in template["prizes_without_category"]] == [
        ("special-mention", 3)
    ]
    for category in template["categories"]:
        assert sorted(category["forms"]) == sorted(category["applicant_types"])
        for applicant_type, key in category["forms"].items():
            assert category["key"] in by_key[key]["categories"]
            assert applicant_type in by_key[key]["applicant_types"]
        for prize in category["prizes"]:
            assert set(prize["applicant_types"]) <= set(category["applicant_types"])


def test_criteria_page_states_the_weights_of_the_template() -> None:
    criteria = load("edition_template.json")["rule_set"]["criteria"]
    for language in ("en", "ko"):
        page = (DATA / "pages" / f"criteria.{language}.md").read_text(encoding="utf-8")
        found = re.findall(r"^## \d\. (.+?) \((\d+) ?%\)$", page, re.MULTILINE)
        assert found == [(criterion["label"][language], str(criterion["weight"])) for criterion in criteria]


def test_form_fields_are_of_known_kinds_and_fully_described() -> None:
    forms, words = load("forms.json"), load("vocabulary.json")
    for where, field in all_fields(forms):
        assert field["kind"] in KINDS, where
        assert isinstance(field["required"], bool), where
        if field["kind"] in {"text", "paragraph"}:
            assert 3 <= field["max_characters"] <= 2500, where
        if field["kind"] in {"choice", "choices"}:
            assert ("options" in field) != ("vocabulary" in field), where
            values = [option["value"] for option in field.get("options", [])] or list(words[field["vocabulary"]])
            assert len(values) == len(set(values)) > 1, where
            assert field.get("min_choices", 1) <= field.get("max_choices", len(values)) <= len(values), where
        if field["kind"] == "table":
            keys = [column["key"] for column in field["columns"]]
            assert len(keys) == len(set(keys)) > 1, where
            assert field["min_rows"] <= field["max_rows"], where
            assert not any(column["kind"] in {"table", "files", "consent"} for column in field["columns"]), where
            assert field["required"] == (field["min_rows"] > 0), where
        if field["kind"] == "files":
            assert set(field["accept"]) <= {"pdf", "image", "office"}, where
            assert field["max_files"] > 0, where
            assert field["max_megabytes"] > 0, where


def test_every_form_has_unique_keys_and_the_answers_that_lists_need() -> None:
    forms, criteria = load("forms.json"), load("edition_template.json")["rule_set"]["criteria"]
    used: set[str] = set()
    for form in forms["forms"]:
        fields = [field for key in form["sections"] for field in forms["sections"][key]["fields"]]
        keys = [field["key"] for field in fields]
        assert len(keys) == len(set(keys)), form["key"]
        assert 40 <= len(keys) <= 65, form["key"]
        required = {field["key"] for field in fields if field["required"]}
        assert {"title", "pitch", "themes", "summary"} <= required, form["key"]
        shown_to = [name for key in form["sections"] for name in forms["sections"][key].get("criteria", [])]
        assert sorted(shown_to) == sorted(criterion["key"] for criterion in criteria), form["key"]
        used |= set(form["sections"])
    assert used == set(forms["sections"]), "a section belongs to no form"


def test_consents_tell_purpose_items_period_and_right_to_refuse() -> None:
    """PIPA article 15(2) names four things that a request for consent must say."""
    forms = load("forms.json")
    helps = {field["key"]: field["help"] for _, field in all_fields(forms) if field["key"] == "consent_personal_data"}
    text = helps["consent_personal_data"]
    assert all(word in text["en"] for word in ("Purpose:", "Items:", "Period:", "refuse"))
    assert all(word in text["ko"] for word in ("목적:", "항목:", "기간:", "거부"))
    optional = [field for _, field in all_fields(forms) if field["key"] == "consent_publication"]
    assert optional
    assert not any(field["required"] for field in optional)


@pytest.mark.parametrize("slug", PAGES)
def test_pages_begin_with_a_title_and_match_in_structure(slug: str) -> None:
    levels = []
    for language in ("en", "ko"):
        text = (DATA / "pages" / f"{slug}.{language}.md").read_text(encoding="utf-8")
        assert re.match(r"# \S.*\n\n", text), f"{slug}.{language}"
        levels.append(re.findall(r"^(#+|\d+\.|-) ", text, re.MULTILINE))
        assert levels[-1].count("#") == 1
        assert bool(HANGUL.search(text)) == (language == "ko")
    assert levels[0] == levels[1], slug


def test_questions_and_answers_hold_at_least_twelve_questions() -> None:
    assert (DATA / "pages" / "faq.en.md").read_text(encoding="utf-8").count("\n### ") >= 12


def test_notices_are_dated_and_sourced() -> None:
    notices = load("notices.json")
    days = [date.fromisoformat(notice["on"]) for notice in notices]
    assert days == sorted(days)
    assert len({notice["key"] for notice in notices}) == len(notices)
    assert [notice["key"] for notice in notices if not notice["source_title"]] == ["portal-opened"]


def test_collections_name_each_real_case_once() -> None:
    known = {case["id"] for case in load("cases.json")}
    for collection in load("collections.json"):
        assert len(collection["cases"]) == len(set(collection["cases"])) >= 3
        assert set(collection["cases"]) <= known
        for texts in (collection["names"], collection["leads"]):
            assert sorted(texts) == ["en", "ko"]
            assert not HANGUL.search(texts["en"])
            assert HANGUL.search(texts["ko"])


def test_demonstration_accounts_use_reserved_addresses() -> None:
    demo = load("demo.json")
    assert {account["role"] for account in demo["accounts"]} == {"applicant", "judge", "secretariat", "administrator"}
    assert all(account["email"].endswith("@example.org") for account in demo["accounts"])
    organisations = {organisation["key"] for organisation in demo["organisations"]}
    assert {account["organisation"] for account in demo["accounts"] if account["organisation"]} <= organisations
    assert all(organisation["simulated"] for organisation in demo["organisations"])

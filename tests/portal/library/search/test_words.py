"""Words: the same for texts and questions, whatever the script."""

import pytest

from portal.library.search.folding import clean, fold
from portal.library.search.korean import Lexicon, other_spellings
from portal.library.search.thesaurus import FILE, concepts
from portal.library.search.words import Role, analyse, words

LEXICON = Lexicon(["레이캬비크", "오덴세", "바기오", "Baguio", "다카 남부", "아디스아바바"])


def terms(text: str) -> list[str]:
    return [token.term for token in words(text, LEXICON)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("레이캬비크의", ["레이캬비크"]),
        ("오덴세의", ["오덴세"]),
        ("서울시가", ["서울"]),
        ("의료데이터를", ["의료", "데이터"]),
        ("건강 관리시스템", ["건강", "관리", "시스템"]),
        ("바기오시민", ["바기오", "시민"]),
        ("대전시는 전시를 연다", ["대전", "전시", "열다"]),
        ("임상시험", ["임상", "시험"]),
        ("걷기", ["걷다"]),
    ],
)
def test_korean_words_lose_particles_and_keep_names(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("São Paulo", ["en:sao", "en:paulo"]),
        ("Reykjavík", ["en:reykjavik"]),
        ("programmes", ["en:programm"]),
        ("Kırşehir Łódź Ærø", ["en:kirsehir", "en:lodz", "en:aero"]),
        ("people’s", ["en:peopl"]),
        ("50,000", ["=50000"]),
        ("ＡＩ", ["en:ai"]),
        ("東京都", ["=東京都"]),
        ("здоровье", ["ru:здоров"]),
    ],
)
def test_other_scripts_fold_and_stem(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_neighbouring_nouns_also_make_one_word() -> None:
    joined = {token.term for token in analyse("건강 관리시스템", LEXICON) if token.role is Role.JOINED}

    assert joined == {"건강관리", "관리시스템", "건강관리시스템"}


def test_compounds_do_not_cross_sentences() -> None:
    assert not [token for token in analyse("건강. 관리", LEXICON) if token.role is Role.JOINED]


def test_places_point_into_the_cleaned_text() -> None:
    text = "  São\u0301 ①  대전시는  전시를 본다 ﬁne  건강을\u00a0관리"
    shown = clean(text)

    found = {token.term: shown[token.start : token.end] for token in analyse(text, LEXICON) if token.term}

    assert found["전시"] == "전시"
    assert found["대전"] == "대전"
    assert found["=fine"] == "ﬁne"
    assert found["관리"] == "관리"


def test_folding_meets_decomposed_hangul() -> None:
    assert fold("\u1107\u1161\u1100\u1175\u110b\u1169") == "바기오"


def test_lexicons_of_equal_names_are_equal() -> None:
    assert Lexicon(["바기오"]) == Lexicon(["바기오", "바기오"])
    assert Lexicon(["바기오"]) == Lexicon(["바기오", "two words"])
    assert hash(Lexicon(["바기오"])) == hash(Lexicon(["바기오"]))
    assert not Lexicon(["바기오"]).covers(LEXICON)
    assert LEXICON.covers(Lexicon(["바기오"]))


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("레이캬비크", "레이캬빅"),
        ("코니아", "코냐 콘야"),
        ("코냐", "콘야"),
        ("바기오", ""),
        ("룩셈부르크", ""),
        ("크", ""),
        ("Konya", ""),
    ],
)
def test_foreign_names_have_other_korean_spellings(name: str, others: str) -> None:
    assert other_spellings(name) == tuple(others.split())


def test_expressions_stand_on_whole_words_and_on_runs_of_letters() -> None:
    def said(text: str, language: str) -> set[tuple[str, str]]:
        return {
            (token.term, text[token.start : token.end])
            for token in analyse(text, Lexicon(languages=["ja", "zh", "th"]), language)
            if token.role is Role.CONCEPT
        }

    assert said("대전시 전시장", "ko").isdisjoint({("~ko:culture", "전시")})
    assert ("~en:older-people", "older residents") in said("For older residents.", "en")
    assert ("~en:older-people", "older. Residents") not in said("Grow older. Residents stay.", "en")
    assert ("~zh:telehealth", "远程医疗") in said("发展远程医疗服务", "zh")
    assert ("~th:telehealth", "การแพทย์ทางไกล") in said("ระบบการแพทย์ทางไกลของเมือง", "th")
    assert said("telehealth", "und") == set()


def test_the_thesaurus_is_well_formed() -> None:
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    head, *told = rows
    assert head == ["kind", "en", "ko", "ja", "zh", "es", "th"]
    assert {len(row) for row in rows} == {len(head)}
    assert {row[0] for row in told} == {"same", "near"}
    assert len(concepts()) == len(told)
    for row in told:
        for cell in row[1:]:
            expressions = cell.split("; ")
            assert all(one and one == one.strip() for one in expressions), cell
            assert len(set(expressions)) == len(expressions), cell
    close = [
        (tag, one)
        for concept in concepts().values()
        if concept.is_same
        for tag, said in concept.said.items()
        for one in said
    ]
    assert sorted({pair for pair in close if close.count(pair) > 1}) == []

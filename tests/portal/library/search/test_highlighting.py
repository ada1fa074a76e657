"""Marks: on the stored text, as segments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.library.search.folding import clean
from portal.library.search.highlighting import EXCERPT, Segment, excerpt, highlight
from portal.library.search.indexing import index_case
from portal.library.search.korean import Lexicon
from portal.library.search.port import CaseDocument, CaseText
from portal.library.search.questions import read_question

LEXICON = Lexicon(["바기오", "레이캬비크"])


def marked(question: str, text: str) -> list[str]:
    return [one.text for one in highlight(text, read_question(question, LEXICON), LEXICON) if one.marked]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("건강관리", "바기오의 건강 관리시스템", ["건강 관리"]),
        ("레이캬비크의", "레이캬비크가 받았다", ["레이캬비크"]),
        ("sao paulo", "In São Paulo, Brazil", ["São", "Paulo"]),
        ("programme", "Two programmes", ["programmes"]),
        ("heal*", "healthy, health", ["healthy", "health"]),
        ("-health city", "health of the city", ["city"]),
        ("상시", "임상시험", []),
        ("", "text", []),
        ("<b>", "a <b> c & d", ["b"]),
    ],
)
def test_marks_what_was_asked(question: str, text: str, expected: list[str]) -> None:
    assert marked(question, text) == expected


def test_excerpts_show_the_best_place_with_ellipses() -> None:
    text = "The start says nothing. " * 20 + "Dementia care comes to the home. " + "The end says nothing. " * 20

    segments = excerpt(text, read_question("dementia", LEXICON), LEXICON)

    assert [one.text for one in segments if one.marked] == ["Dementia"]
    assert (segments[0], segments[-1]) == (Segment("…"), Segment("…"))
    assert sum(len(one.text) for one in segments) <= EXCERPT + 2


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Short text", read_question("nothing", LEXICON), LEXICON) == (Segment("Short text"),)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(text=st.text(max_size=400), question=st.text(max_size=20))
def test_segments_always_give_the_text_back(text: str, question: str) -> None:
    asked = read_question(question, LEXICON)

    assert "".join(one.text for one in highlight(text, asked, LEXICON)) == clean(text)
    inner = "".join(one.text for one in excerpt(text, asked, LEXICON)).removeprefix("…").removesuffix("…")
    assert inner in clean(text)


@pytest.mark.parametrize(
    ("language", "text", "questions"),
    [
        ("en", "Health of the city: healthy co-operation, 1,000 schools. City health.", ["health", "heal*", "co-op*"]),
        ("ko", "바기오의 건강 관리시스템과 서울시가 여는 건강관리. 2024년", ["건강관리", "바기오", "건강*", "2024"]),
        ("ja", "高齢者の健康都市。健康な都市", ["健康都市", "都市", '"健康 都市"']),
        ("th", "เมืองอัจฉริยะ สุขภาพ", ["สุขภาพ", "เมือง"]),
        ("fr", "L'école São\x00 e\u0301cole \ud800", ["ecole", "l'eco*"]),
    ],
)
def test_what_is_kept_marks_the_same_as_an_analysis(language: str, text: str, questions: list[str]) -> None:
    lexicon = Lexicon(["바기오"], [language])
    told = CaseText(f"{text} {text}", text, text * 30)
    kept = index_case(CaseDocument("one", 1, {language: told, "und": CaseText("x")}), lexicon, keep=True).kept

    for asked in questions:
        question = read_question(asked, lexicon)
        for field, content in (("title", told.title), ("summary", told.summary), ("body", told.body)):
            plain = excerpt(content, question, lexicon, language)
            assert any(one.marked for one in plain), asked
            assert excerpt(content, question, lexicon, language, field=field, kept=kept) == plain
            whole = highlight(content, question, lexicon, language)
            assert highlight(content, question, lexicon, language, field, kept) == whole


def test_what_is_kept_of_another_text_is_not_believed() -> None:
    kept = index_case(CaseDocument("one", 1, {"en": CaseText("", "Health first")}), LEXICON, keep=True).kept
    question = read_question("health", LEXICON)

    for field, language in (("summary", "en"), ("title", "en"), ("summary", "fr")):
        segments = highlight("The first is health", question, LEXICON, language, field, kept)
        assert [one.text for one in segments if one.marked] == ["health"]

"""Questions: operators, fields, spelling with and without spaces; bad syntax is read as words."""

from collections.abc import Callable

import pytest

from portal.library.search.memory import MemoryEngine
from portal.library.search.port import CaseDocument, CaseText, SearchPage, SearchQuery
from portal.library.search.reading import FIELD_NAMES
from tests.portal.library.search.conftest import NOON, korean

Ask = Callable[..., SearchPage]


def english(identity: str, title: str, summary: str = "", **more: object) -> CaseDocument:
    return CaseDocument(identity, 1, {"en": CaseText(title, summary)}, **more)  # type: ignore[arg-type]


CASES = [
    english("ab", "apple banana", year=2020, country="KR", themes=("digital-health",), names=("Seoul", "South Korea")),
    english("ac", "apple cherry", year=2021, country="JP", themes=("mobility",), names=("Tokyo", "Japan")),
    english("bc", "banana cherry", "apple", year=2022, country="KR", category="tech-innovation"),
    english("d", "durian", "smartband for walkers", year=2023, award=("Mayors Challenge",)),
    english("e", "elderberry smart band", year=2024, labels={"city": ("Busan",), "theme": ("Health", "건강")}),
]


@pytest.fixture(scope="module")
def engine() -> MemoryEngine:
    return MemoryEngine(CASES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("apple banana", "ab bc"),
        ("apple AND banana", "ab bc"),
        ("banana OR durian", "ab bc d"),
        ("(apple banana) OR durian", "ab bc d"),
        ("(apple OR durian) banana", "ab bc"),
        ("apple (banana OR cherry) NOT tokyo", "ab bc"),
        ("apple NOT cherry", "ab"),
        ("apple -cherry", "ab"),
        ("apple -(banana cherry)", "ab ac"),
        ("apple -(banana OR tokyo)", ""),
        ("-apple", "d e"),
        ("NOT apple", "d e"),
        ("(-apple)", "d e"),
        ('"apple banana"', "ab"),
        ('"banana apple"', ""),
        ('-"apple banana" apple', "ac bc"),
        ("title:apple", "ab ac"),
        ('title:"banana cherry"', "bc"),
        ("title:(apple cherry)", "ac"),
        ("title:(apple OR durian)", "ab ac d"),
        ("apple -title:apple", "bc"),
        ("제목:apple", "ab ac"),
        ("year:2021", "ac"),
        ("연도:2021", "ac"),
        ("year:2020..2022", "ab ac bc"),
        ("year:2022-2020", "ab ac bc"),
        ("year:2022..", "bc d e"),
        ("year:..2020", "ab"),
        ("-year:2020..2023", "e"),
        ("country:kr", "ab bc"),
        ("country:JP apple", "ac"),
        ("city:Tokyo", "ac"),
        ("city:busan", "e"),
        ("도시:부산", ""),
        ("theme:health", "ab e"),
        ("theme:건강", "e"),
        ("theme:digital-health", "ab"),
        ("category:tech-innovation", "bc"),
        ("award:mayors", "d"),
        ("smartband", "d"),
        ("smart band", "d e"),
        ("smart-band", "d e"),
    ],
)
def test_operators_and_fields(engine: MemoryEngine, text: str, found: str) -> None:
    page = engine.search(SearchQuery(text), now=NOON)
    assert sorted(hit.id for hit in page.hits) == found.split()


@pytest.mark.parametrize(
    "text",
    ["apple (", ") apple", "(apple", "apple)", "apple OR", "OR apple", "AND apple", "apple NOT", '"apple', "apple -", "apple ()",
     "title: apple", "apple year:", "&& apple", "((((apple"],
)  # fmt: skip
def test_bad_syntax_is_read_as_words(engine: MemoryEngine, text: str) -> None:
    found = {hit.id for hit in engine.search(SearchQuery(text), now=NOON).hits}
    assert {"ab", "ac", "bc"} <= found or text in ("title: apple", "apple year:")
    assert "d" not in found


@pytest.mark.parametrize("name", sorted(FIELD_NAMES))
def test_a_field_is_read_in_any_case(engine: MemoryEngine, name: str) -> None:
    once, again = (engine.search(SearchQuery(f"{one}:2021"), now=NOON) for one in (name, name.upper()))
    assert once == again


def test_a_long_plain_question_may_lack_one_word(engine: MemoryEngine) -> None:
    def ids(text: str) -> set[str]:
        return {hit.id for hit in engine.search(SearchQuery(text), now=NOON).hits}

    assert ids("apple banana zucchini") == {"ab", "bc"}
    assert ids("apple zucchini") == set()
    assert ids("apple AND banana AND zucchini") == set()
    assert ids('"apple" banana zucchini') == set()


def test_a_word_that_only_ranks_does_not_make_a_question_long() -> None:
    engine = MemoryEngine(
        [english("both", "tobacco youth"), english("one", "tobacco"), english("other", "youth policy")]
    )

    assert {hit.id for hit in engine.search(SearchQuery("tobacco youth policy"), now=NOON).hits} == {"both"}


def test_general_words_rank_but_need_not_be_there() -> None:
    engine = MemoryEngine(
        [korean("smoke", "담배 없는 거리"), korean("policy", "담배 정책"), korean("other", "교통 정책")]
    )

    page = engine.search(SearchQuery("담배 정책", "ko"), now=NOON)

    assert [hit.id for hit in page.hits] == ["policy", "smoke"]
    assert engine.search(SearchQuery("정책", "ko"), now=NOON).total == 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("건강관리", "건강 관리시스템"), ("스마트도시", "스마트 도시"), ("스마트 도시", "스마트도시 사업"), ("서울시가", "서울 사례"),
     ("의료데이터를", "의료 데이터 개방"), ("레이캬비크의", "레이캬비크 학교"), ("레이캬ㅂ", "레이캬비크 학교")],
)  # fmt: skip
def test_korean_spelling_with_other_spaces_particles_and_begun_syllables(typed: str, meant: str) -> None:
    documents = [
        korean("it", meant, names=("레이캬비크",)),
        korean("trial", "임상시험"),
        korean("daejeon", "대전시 행정"),
    ]
    page = MemoryEngine(documents).search(SearchQuery(typed, "ko"), now=NOON)

    assert [hit.id for hit in page.hits] == ["it"]


@pytest.mark.parametrize(("typed", "found"), [("상시", ""), ("전시", ""), ("임상시험", "trial"), ("대전시", "daejeon")])
def test_a_korean_word_is_not_found_inside_another(typed: str, found: str) -> None:
    engine = MemoryEngine([korean("trial", "임상시험"), korean("daejeon", "대전시 행정", names=("대전",))])

    assert [hit.id for hit in engine.search(SearchQuery(typed, "ko"), now=NOON).hits] == found.split()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("telehealth", "remote"),
        ("remote consultations", "remote"),
        ("telehealth villages", "remote"),
        ("원격의료", "korean"),
        ("비대면 진료를", "korean"),
        ("비대면진료 산골", "korean"),
        ("소프트웨어 원격의료", ""),
        ('"telehealth"', ""),
        ("telehealth -zeppelin", ""),
        ("title:telehealth", ""),
        ("smartwatch", ""),
        ("overdose", ""),
    ],
)
def test_other_words_for_the_same_are_found_unless_asked_exactly(typed: str, found: str) -> None:
    documents = [
        english("remote", "Telemedicine for villages"),
        english("near", "Naloxone for everybody"),
        korean("korean", "산골 마을 원격 진료"),
    ]

    page = MemoryEngine(documents).search(SearchQuery(typed), now=NOON)

    assert [hit.id for hit in page.hits] == found.split()


def test_the_word_itself_ranks_before_other_words_for_it() -> None:
    documents = [english(f"other{number}", "Telemedicine") for number in range(3)]
    engine = MemoryEngine([*documents, english("itself", "Telehealth")])

    assert engine.search(SearchQuery("telehealth"), now=NOON).hits[0].id == "itself"


def test_names_of_themes_are_found_last() -> None:
    engine = MemoryEngine(
        [
            english(
                "theme", "Healing gardens", themes=("mental-health",), labels={"theme": ("Mental health", "마음건강")}
            ),
            english("text", "Mental health of nurses"),
        ]
    )

    assert [hit.id for hit in engine.search(SearchQuery("mental health"), now=NOON).hits] == ["text", "theme"]
    assert engine.search(SearchQuery("마음건강", "ko"), now=NOON).hits[0].field == "theme"


def test_words_written_together_by_mistake_are_taken_apart(engine: MemoryEngine) -> None:
    assert engine.search(SearchQuery("applebanana"), now=NOON).suggestion == "apple banana"


def test_fields_are_found_by_every_engine(ask: Ask) -> None:
    assert ask("title:플랫폼 year:2023..2024").total > 0
    assert ask("country:PH city:Baguio").total == 2

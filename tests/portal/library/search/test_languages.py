"""Each language by its own rules: Japanese, Chinese, Thai, and those with a stemmer."""

import pytest

from portal.library.search.highlighting import highlight
from portal.library.search.korean import Lexicon
from portal.library.search.languages import guess_language, stem
from portal.library.search.memory import MemoryEngine
from portal.library.search.port import CaseDocument, CaseText, SearchQuery
from portal.library.search.questions import read_question
from portal.library.search.words import Role, analyse, words
from tests.portal.library.search.conftest import NOON

TEXTS = {
    "ja-care": ("ja", "高齢者を見守るシステム", "東京都の健康管理にスマートバンドを使う。"),
    "ja-bus": ("ja", "水素で走るバス", "京都市の交通。"),
    "zh-care": ("zh", "老年人智能健康管理平台", "上海市为居民提供医疗服务。"),
    "zh-bus": ("zh", "公共交通", "北京的公交车。"),
    "th-care": ("th", "ระบบดูแลผู้สูงอายุ", "เมืองอัจฉริยะด้านสุขภาพ"),
    "th-bus": ("th", "รถโดยสารไฟฟ้า", "การจราจรในเมือง"),
    "es-care": ("es", "Atención a las personas mayores", "La participación de los ciudadanos en la educación."),
    "fr-care": ("fr", "Soins aux personnes âgées", "Les villes et la santé publique."),
    "de-care": ("de", "Pflege älterer Menschen", "Gesundheit in den Städten."),
    "ru-care": ("ru", "Забота о пожилых людях", "Здоровье в городах."),
    "ar-care": ("ar", "رعاية كبار السن", "الصحة في المدن"),
    "hi-care": ("hi", "बुजुर्गों की देखभाल", "शहरों में स्वास्थ्य"),
    "vi-care": ("vi", "Chăm sóc người cao tuổi", "Thành phố thông minh"),
}


@pytest.fixture(scope="module")
def engine() -> MemoryEngine:
    return MemoryEngine(
        CaseDocument(identity, 1, {language: CaseText(title, summary)})
        for identity, (language, title, summary) in TEXTS.items()
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("高齢者の見守り", "ja-care"),
        ("東京", "ja-care"),
        ("京都", "ja-bus"),
        ("バス", "ja-bus"),
        ("スマートバンド", "ja-care"),
        ("智能健康", "zh-care"),
        ("老年人", "zh-care"),
        ("公交车", "zh-bus"),
        ("ผู้สูงอายุ", "th-care"),
        ("สุขภาพ", "th-care"),
        ("การจราจร", "th-bus"),
        ("participacion ciudadana", "es-care"),
        ("ciudadano", "es-care"),
        ("educación", "es-care"),
        ("ville", "fr-care"),
        ("sante", "fr-care"),
        ("Stadt Gesundheit", "de-care"),
        ("Staedte", "de-care"),
        ("Städten", "de-care"),
        ("пожилые люди", "ru-care"),
        ("город", "ru-care"),
        ("المدينة", ""),
        ("الصحة", "ar-care"),
        ("शहर", "hi-care"),
        ("thanh pho", "vi-care"),
        ("Thành phố", "vi-care"),
    ],
)
def test_every_language_is_found_by_its_own_words(engine: MemoryEngine, text: str, found: str) -> None:
    page = engine.search(SearchQuery(text, "en"), now=NOON)
    assert [hit.id for hit in page.hits] == found.split(), read_question(text, engine.lexicon)


def test_japanese_is_cut_into_short_units_in_their_usual_spelling() -> None:
    terms = [token.term for token in words("高齢者を見守るスマートシティ", Lexicon(), "ja")]
    assert terms == ["ja:高齢", "ja:者", "ja:見る", "ja:守る", "ja:スマート", "ja:シティー"]


def test_names_from_the_database_stay_whole_in_chinese() -> None:
    assert "zh:巴吉奥" not in [token.term for token in words("巴吉奥的医院", Lexicon(), "zh")]
    assert "zh:巴吉奥" in [token.term for token in words("巴吉奥的医院", Lexicon(["巴吉奥"]), "zh")]


def test_letters_of_spaceless_scripts_stand_in_pairs() -> None:
    pairs = [token.term for token in analyse("東京都", Lexicon(), "ja") if token.role is Role.LETTERS]
    assert pairs == ["2:東京", "2:京都"]


def test_stems_need_the_accents_that_were_written() -> None:
    assert stem("educación", "es") == stem("educaciones", "es")
    assert stem("здоровье", "ru") == stem("здоровья", "ru")
    assert stem("Tokyo", "xx") == "Tokyo"


def test_the_language_of_a_question_is_guessed_by_its_small_words() -> None:
    among = frozenset({"en", "es", "fr", "de"})
    assert guess_language(["salud", "de", "las", "personas"], among, "en") == "es"
    assert guess_language(["sante", "pour", "les", "villes"], among, "en") == "fr"
    assert guess_language(["hospital"], among, "en") == "en"


@pytest.mark.parametrize(
    ("language", "text", "question", "marked"),
    [
        ("ja", "東京都の健康管理", "健康管理", ["健康管理"]),
        ("zh", "老年人智能健康管理平台", "健康", ["健康"]),
        ("th", "ระบบดูแลผู้สูงอายุ", "สูงอายุ", ["สูงอายุ"]),
        ("es", "La participación de los ciudadanos", "participaciones ciudadano", ["participación", "ciudadanos"]),
    ],
)
def test_what_was_found_is_marked_in_every_script(language: str, text: str, question: str, marked: list[str]) -> None:
    lexicon = Lexicon([], [language])
    segments = highlight(text, read_question(question, lexicon), lexicon, language)

    assert "".join(one.text for one in segments) == text
    assert [one.text for one in segments if one.marked] == marked

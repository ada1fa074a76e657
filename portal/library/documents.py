"""A case as the search engine sees it."""

from __future__ import annotations

from babel import Locale

from portal.i18n import offered
from portal.library.labels import award_names, category_names, theme_names
from portal.library.models import Case
from portal.library.regions import region_of
from portal.library.search.korean import other_spellings
from portal.library.search.port import CaseDocument, CaseText, state_of

#: Every case is found by names in these languages, whatever languages the site offers.
ALWAYS = ("ko", "en")

#: Names that people use beside the official one.
OTHER_NAMES = {
    "AE": ("UAE",), "CZ": ("Czech Republic", "체코"),
    "GB": ("UK", "Britain", "England"), "KR": ("Korea", "한국", "대한민국"), "NL": ("Holland",),
    "SA": ("사우디",), "TR": ("Turkey", "터키"), "TW": ("대만", "타이완"), "US": ("USA", "America"),
    "VN": ("Viet Nam",),
}  # fmt: skip

#: Older and other names of cities beside the one in use, under which people still look for them.
OTHER_CITY_NAMES = {
    "Almaty": ("Alma-Ata", "알마아타"), "Astana": ("Nur-Sultan", "누르술탄"), "Athens": ("Athina",),
    "Bangkok": ("Krung Thep", "กรุงเทพมหานคร"), "Beijing": ("Peking", "북경"), "Bengaluru": ("Bangalore", "방갈로르"),
    "Chennai": ("Madras", "마드라스"), "Chongqing": ("Chungking", "중경"), "Cologne": ("Köln",),
    "Copenhagen": ("København",), "Dalian": ("대련",), "Florence": ("Firenze",), "Guangzhou": ("Canton",),
    "Harbin": ("하얼빈",), "Hong Kong": ("Xianggang",), "Ho Chi Minh City": ("Saigon", "사이공"),
    "Kaohsiung": ("가오슝", "까오슝"), "Kolkata": ("Calcutta", "캘커타"), "Kyiv": ("Kiev", "키예프"),
    "Lisbon": ("Lisboa",), "Lviv": ("Lvov",), "Milan": ("Milano",), "Moscow": ("Moskva",),
    "Mumbai": ("Bombay", "봄베이"), "Munich": ("München",), "Nanjing": ("Nanking", "남경"), "Naples": ("Napoli",),
    "Prague": ("Praha",), "Pune": ("Poona",), "Qingdao": ("Tsingtao",), "Rome": ("Roma",), "Shanghai": ("상해",),
    "Shenyang": ("심양", "Mukden"), "Shenzhen": ("심천",), "Tianjin": ("Tientsin", "천진"), "Turin": ("Torino",),
    "Venice": ("Venezia",), "Vienna": ("Wien",), "Warsaw": ("Warszawa",), "Xi'an": ("시안",),
    "Yangon": ("Rangoon", "랑군"),
}  # fmt: skip


def document_of(case: Case) -> CaseDocument:
    """Return the searchable side of a case, its names in all languages included."""
    return CaseDocument(
        id=case.id,
        version=state_of(case.version, case.changed_at),
        texts={text.language: CaseText(text.title, text.summary, text.whole) for text in case.texts},
        names=tuple(dict.fromkeys((*city_names(case), *country_names(case.country)))),
        year=case.year,
        category=case.category,
        rank=case.rank,
        kind=case.kind,
        country=case.country,
        themes=tuple(case.themes),
        award=award_names(case.award),
        labels={
            "theme": tuple(dict.fromkeys(name for theme in case.themes for name in (theme, *theme_names(theme)))),
            "category": category_names(case.category),
            "country": (case.country, *country_names(case.country)),
            "city": city_names(case),
        },
        region=region_of(case.country),
        sdgs=tuple(map(str, case.details.get("sdgs", ()))),
        targets=tuple(case.details.get("target_groups", ())),
    )


def city_names(case: Case) -> tuple[str, ...]:
    """Return the names under which the city of a case is looked for; those of several words also as one word."""
    official = (case.city, *case.city_names.values())
    others = (other for name in official for other in OTHER_CITY_NAMES.get(name, ()))
    named = [name for name in (*official, *others) if name]
    if case.country != "KR":
        named += [other for name in named for other in other_spellings(name)]
    written_together = (name.replace(" ", "") for name in named if name.count(" ") == 1 and name.isascii())
    return tuple(dict.fromkeys((*named, *written_together)))


def country_names(code: str) -> list[str]:
    """Return the names of a country in every offered language, in Korean and English, and those in common use."""
    tags = dict.fromkeys((*ALWAYS, *offered()))
    names = (Locale.parse(tag, sep="-").territories.get(code) for tag in tags)
    return [*(name for name in names if name), *OTHER_NAMES.get(code, ())]

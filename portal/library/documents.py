"""A case as the search engine sees it."""

from __future__ import annotations

from portal.library.labels import award_names, category_names, theme_names
from portal.library.models import Case
from portal.library.places import area_names, city_names, country_names
from portal.library.regions import region_of
from portal.library.search.port import CaseDocument, CaseText, state_of


def document_of(case: Case) -> CaseDocument:
    """Return the searchable side of a case, its names in all languages included."""
    return CaseDocument(
        id=case.id,
        version=state_of(case.version, case.changed_at),
        texts={text.language: CaseText(text.title, text.summary, text.whole) for text in case.texts},
        names=tuple(dict.fromkeys((*city_names(case), *country_names(case.country), *area_names(case.country)))),
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
            "country": (case.country, *country_names(case.country), *area_names(case.country)),
            "city": city_names(case),
        },
        region=region_of(case.country),
        sdgs=tuple(map(str, case.details.get("sdgs", ()))),
        targets=tuple(case.details.get("target_groups", ())),
    )

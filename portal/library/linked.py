"""Cases, lists of cases and the whole library in the words of schema.org, as JSON-LD for search engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.config import Licence
from portal.i18n import choose
from portal.library import answers
from portal.library.labels import award_texts, rank_texts, theme_texts
from portal.library.models import Case

Json = dict[str, Any]
CONTEXT = "https://schema.org"


@dataclass(frozen=True, slots=True)
class Source:
    """Who gives the data out: the site's address, its name, and the licence."""

    base: str
    name: str
    licence: Licence

    @property
    def publisher(self) -> Json:
        """The prize."""
        return {"@type": "Organization", "@id": f"{self.base}/#publisher", "name": self.name, "url": self.base}


def case_data(case: Case, source: Source, *, tag: str, url: str, pictures: Iterable[str] = ()) -> Json:
    """Return a case as it is told in a language, on the page at an address; ``award`` is plain text there."""
    title, summary = answers.title_in(case, tag).text, choose(answers.summaries(case), tag, case.original_language).text
    award, rank = choose(award_texts(case.award), tag).text, choose(rank_texts(case.rank_text), tag).text
    told = {
        "@context": CONTEXT,
        "@type": "Article",
        "@id": f"{source.base}/c/{case.id}",
        "url": source.base + url,
        "headline": title,
        "description": summary,
        "inLanguage": tag,
        "identifier": case.id,
        "version": case.version,
        "datePublished": case.visible_from.isoformat(timespec="seconds") if case.visible_from else None,
        "dateModified": max(case.visible_from or case.changed_at, case.changed_at).isoformat(timespec="seconds"),
        "license": source.licence.address,
        "publisher": source.publisher,
        "isPartOf": {"@type": "Dataset", "@id": f"{source.base}/catalog#cases"},
        "image": [source.base + one for one in pictures],
        "about": {
            "@type": "Project",
            "name": title,
            "award": f"{award} {case.year}: {rank}" if rank else f"{award} {case.year}",
            "location": {
                "@type": "City",
                "name": answers.city_in(case, tag),
                "address": {"@type": "PostalAddress", "addressCountry": case.country},
            },
        },
        "keywords": [choose(theme_texts(theme), tag).text for theme in case.themes],
        "citation": [
            {"@type": "CreativeWork", "name": one.title, **({"url": one.url} if one.url else {})}
            for one in case.sources
        ],
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def list_data(name: str, source: Source, *, tag: str, url: str, items: Iterable[tuple[str, Case | None]]) -> Json:
    """Return a page that lists cases in an order: titles, each with its case where there is one to read."""
    lines = [
        {
            "@type": "ListItem",
            "position": place,
            **({"item": {"@type": "Article", "@id": f"{source.base}/c/{case.id}", "url": f"{source.base}/c/{case.id}",
                         "headline": title}} if case else {"name": title}),
        }
        for place, (title, case) in enumerate(items, 1)
    ]  # fmt: skip
    return {
        "@context": CONTEXT,
        "@type": "CollectionPage",
        "@id": source.base + url,
        "url": source.base + url,
        "name": name,
        "inLanguage": tag,
        "publisher": source.publisher,
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(lines), "itemListElement": lines},
    }


def dataset_data(
    source: Source, *, tag: str, url: str, name: str, description: str, keywords: Iterable[str],
    years: tuple[int, int] | None, changed_on: str, files: Mapping[str, str],
) -> Json:  # fmt: skip
    """Return the whole library as a dataset; ``files`` are media types by address, ``years`` the first and the last."""
    told = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": f"{source.base}/catalog#cases",
        "url": source.base + url,
        "name": name,
        "description": description,
        "inLanguage": tag,
        "keywords": list(keywords),
        "license": source.licence.address,
        "creator": source.publisher,
        "isAccessibleForFree": True,
        "temporalCoverage": f"{years[0]}/{years[1]}" if years else None,
        "dateModified": changed_on,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": f"{source.base}/catalog", "name": source.name},
        "distribution": [
            {"@type": "DataDownload", "contentUrl": source.base + address, "encodingFormat": media_type}
            for address, media_type in files.items()
        ],
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}

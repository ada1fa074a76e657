"""Reading of a search from an address, and writing it back: every state of the library can be shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from portal.library.search.port import FACETS, MOST_PER_PAGE, SearchQuery, Sort

#: Cases on one page of the library.
PER_PAGE = 24
#: Values of one facet that are read; what follows is put aside.
MOST_VALUES = 40
#: Years between which a search may range.
FIRST_YEAR, LAST_YEAR = 1900, 2100
_LONGEST_VALUE = 60
_LAST_PAGE = 10_000


class View(StrEnum):
    """Ways in which a result is laid out."""

    CARDS = "cards"
    TABLE = "table"
    MAP = "map"
    TIMELINE = "timeline"


#: Cases on one page of each view; the map and the timeline show one page only.
PER_VIEW = {View.CARDS: PER_PAGE, View.TABLE: 50, View.MAP: 500, View.TIMELINE: 500}


class BadParameter(ValueError):
    """A parameter that cannot be understood: its name and what was given."""

    def __init__(self, name: str, given: str) -> None:
        super().__init__(name)
        self.name = name
        self.given = given[:_LONGEST_VALUE]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it: text, chosen facet values, a span of years, order, page and layout."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    view: View = View.CARDS

    @property
    def is_narrowed(self) -> bool:
        """Whether any facet value or span of years is chosen."""
        return any(self.chosen.values()) or self.has_span

    @property
    def has_span(self) -> bool:
        """Whether the years are limited on one side at least."""
        return self.year_from is not None or self.year_to is not None

    @property
    def years(self) -> tuple[int, ...]:
        """The years chosen one by one, and those of the span."""
        single = tuple(int(year) for year in self.chosen.get("year", ()))
        if not self.has_span:
            return single
        first, last = sorted((self.year_from or FIRST_YEAR, self.year_to or LAST_YEAR))
        return tuple(dict.fromkeys((*single, *range(first, last + 1))))

    def query(self, language: str, per_page: int | None = None) -> SearchQuery:
        """Return the question for the engine; as many cases as the view shows unless told otherwise."""
        return SearchQuery(
            text=self.text,
            language=language,
            years=self.years,
            categories=self.chosen.get("category", ()),
            ranks=self.chosen.get("rank", ()),
            countries=self.chosen.get("country", ()),
            themes=self.chosen.get("theme", ()),
            kinds=self.chosen.get("kind", ()),
            regions=self.chosen.get("region", ()),
            sdgs=self.chosen.get("sdg", ()),
            targets=self.chosen.get("target", ()),
            languages=self.chosen.get("language", ()),
            sort=self.sort,
            page=self.page,
            per_page=per_page or PER_VIEW[self.view],
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return the address parameters, defaults left out, always in the same order."""
        found = [("q", self.text)] if self.text else []
        found += [(facet, value) for facet in FACETS for value in self.chosen.get(facet, ())]
        spans = (("year_from", self.year_from), ("year_to", self.year_to))
        found += [(name, str(year)) for name, year in spans if year is not None]
        if self.sort is not Sort.RELEVANCE:
            found.append(("sort", self.sort.value))
        if self.view is not View.CARDS:
            found.append(("view", self.view.value))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def without(self, facet: str, value: str) -> Asked:
        """Return the search with one value no longer chosen, on its first page."""
        kept = tuple(one for one in self.chosen.get(facet, ()) if one != value)
        return replace(self, chosen={**self.chosen, facet: kept}, page=1)

    def at_any_time(self) -> Asked:
        """Return the search without its span of years, on its first page."""
        return replace(self, year_from=None, year_to=None, page=1)

    def anywhere(self) -> Asked:
        """Return the search with no facet value and no span of years chosen."""
        return replace(self.at_any_time(), chosen={})

    def seen_as(self, view: View) -> Asked:
        """Return the search in another layout."""
        return replace(self, view=view, page=1)

    def ordered(self, sort: Sort) -> Asked:
        """Return the search in another order."""
        return replace(self, sort=Sort(sort), page=1)

    def on_page(self, page: int) -> Asked:
        """Return another page of the search."""
        return replace(self, page=page)

    def asking(self, text: str) -> Asked:
        """Return the search for another text."""
        return replace(self, text=text, page=1)


class Pairs:
    """Names and values for hidden fields of a form; a name may stand more than once."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> Iterator[tuple[str, str]]:
        """Give the pairs."""
        return iter(self._pairs)


def read_asked(values: MultiDict[str, str], *, strict: bool = False) -> Asked:
    """Read a search from address parameters; unknown ones are ignored.

    A value that cannot be understood is passed over, or with ``strict`` raises BadParameter.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        given = [value.strip() for value in values.getlist(facet) if value.strip()]
        if facet == "year":
            given = [value for value in given if _is_year(value, strict=strict)]
        kept = tuple(dict.fromkeys(value[:_LONGEST_VALUE] for value in given))[:MOST_VALUES]
        if kept:
            chosen[facet] = kept
    wished = values.get("sort", "")
    if strict and wished and wished not in set(Sort):
        raise BadParameter("sort", wished)
    return Asked(
        text=values.get("q", ""),
        chosen=chosen,
        year_from=_read_year(values, "year_from", strict=strict),
        year_to=_read_year(values, "year_to", strict=strict),
        sort=Sort(wished) if wished in set(Sort) else Sort.RELEVANCE,
        page=read_number(values, "page", 1, _LAST_PAGE, strict=strict),
        view=View(values["view"]) if values.get("view") in set(View) else View.CARDS,
    )


def _read_year(values: MultiDict[str, str], name: str, *, strict: bool) -> int | None:
    given = values.get(name, "").strip()
    if not given or not _is_year(given, strict=strict):
        return None
    return min(max(int(given), FIRST_YEAR), LAST_YEAR)


def read_per_page(values: MultiDict[str, str], default: int) -> int:
    """Read how many items are wanted; raises BadParameter when it is not a number from 1 to MOST_PER_PAGE."""
    return read_number(values, "per_page", default, MOST_PER_PAGE, strict=True)


def read_number(values: MultiDict[str, str], name: str, default: int, most: int, *, strict: bool) -> int:
    """Read a whole number from 1 to ``most``; raises BadParameter with ``strict``, else gives the default."""
    given = values.get(name, "").strip()
    if not given:
        return default
    if given.isascii() and given.isdecimal() and len(given) < 10 and 1 <= int(given) <= most:
        return int(given)
    if strict:
        raise BadParameter(name, given)
    return default


def _is_year(value: str, *, strict: bool) -> bool:
    known = value.isascii() and value.isdecimal() and len(value) == 4
    if strict and not known:
        raise BadParameter("year", value)
    return known

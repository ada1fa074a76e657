"""What the library asks of a search engine: plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from portal.library.search.korean import Lexicon

FACETS = ("year", "category", "rank", "country", "region", "theme", "sdg", "target", "language", "kind")
"""The facets of the library, in the order in which pages show them."""

LONGEST_QUERY = 2_000
"""Longest question in bytes of UTF-8."""

MOST_PER_PAGE = 100
"""Most hits on one page."""


class QueryTooLong(ValueError):
    """The question is longer than LONGEST_QUERY bytes of UTF-8."""


class SearchUnavailable(Exception):
    """No usable index: ask the MemoryEngine over the database instead, and say so."""


class IndexMissing(SearchUnavailable):
    """No index was built yet, or none for this moment."""


class IndexDamaged(SearchUnavailable):
    """The index cannot be read and must be rebuilt."""


class IndexBehind(SearchUnavailable):
    """The index does not hold what the database shows now."""


_VERSION_BITS = 20
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime | None) -> int:
    """Give the whole milliseconds of a moment since 1970; none is the beginning."""
    return (moment - _BEGINNING) // timedelta(milliseconds=1) if moment else 0


def state_of(version: int, changed_at: datetime) -> int:
    """Give the number of a state of a case, in 63 bits: its version and when it was written.

    The moment tells two libraries apart that hold the same ids and versions, as after one was filled anew.
    """
    return milliseconds(changed_at) << _VERSION_BITS | version


def version_of(state: int) -> int:
    """Give the version that a state holds."""
    return state & ((1 << _VERSION_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Holding:
    """A cheap mark of a set of cases: two sets that differ practically never share it."""

    count: int
    versions: int
    """Sum of all versions."""
    first: str | None
    last: str | None
    """Smallest and largest id."""
    newest: int = 0
    """When the last change was made, in milliseconds since 1970."""

    @classmethod
    def of(cls, states: Mapping[str, int]) -> Holding:
        """Mark a set of ids with their states."""
        return cls(
            count=len(states),
            versions=sum(map(version_of, states.values())),
            first=min(states, default=None),
            last=max(states, default=None),
            newest=max(states.values(), default=0) >> _VERSION_BITS,
        )


class Sort(StrEnum):
    """Orders of a result list."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRIZE = "prize"
    TITLE = "title"


class Reach(StrEnum):
    """How far a question of nothing but words looks."""

    ALL = "all"
    """Cases that hold all of its words, or words that mean the same; of many words one may be missing."""
    MOST = "most"
    """Cases that hold more than half of its words, or words that mean the same."""
    ABROAD = "abroad"
    """Cases that say in any language something of what the thesaurus knows of it: only for other languages."""


@dataclass(frozen=True, slots=True)
class CaseText:
    """The text of a case in one language; any part may be empty."""

    title: str = ""
    summary: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """All that a search engine knows about one case."""

    id: str
    version: int
    """The state that it is in, as ``state_of`` numbers it."""
    texts: Mapping[str, CaseText]
    names: tuple[str, ...] = ()
    """Names of city and country in all languages."""
    year: int | None = None
    category: str | None = None
    rank: str | None = None
    kind: str | None = None
    country: str | None = None
    themes: tuple[str, ...] = ()
    award: tuple[str, ...] = ()
    """Names of the award in all languages, searched with the least weight."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the theme, category, country and city, for questions that name the field (theme:health)."""
    region: str | None = None
    sdgs: tuple[str, ...] = ()
    """Sustainable Development Goals by number, "1" to "17"."""
    targets: tuple[str, ...] = ()
    """Groups of people that the programme is for."""

    def facet_values(self) -> dict[str, tuple[str, ...]]:
        """Give the values of every facet as strings; an absent value is an empty tuple."""
        return {
            "year": () if self.year is None else (str(self.year),),
            "category": (self.category,) if self.category else (),
            "rank": (self.rank,) if self.rank else (),
            "country": (self.country,) if self.country else (),
            "region": (self.region,) if self.region else (),
            "theme": tuple(dict.fromkeys(self.themes)),
            "sdg": tuple(dict.fromkeys(self.sdgs)),
            "target": tuple(dict.fromkeys(self.targets)),
            "language": tuple(self.texts),
            "kind": (self.kind,) if self.kind else (),
        }


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One question: filters are joined by *or* inside a facet and by *and* between facets."""

    text: str = ""
    language: str = "en"
    years: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    ranks: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sdgs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Languages in which a case must be told."""
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = 20
    typing: bool = False
    """The last word may be unfinished."""
    reach: Reach = Reach.ALL

    def filters(self) -> dict[str, frozenset[str]]:
        """Give the chosen values per facet, as strings, only for facets that are filtered."""
        chosen = {
            "year": frozenset(str(year) for year in self.years),
            "category": frozenset(self.categories),
            "rank": frozenset(self.ranks),
            "country": frozenset(self.countries),
            "region": frozenset(self.regions),
            "theme": frozenset(self.themes),
            "sdg": frozenset(self.sdgs),
            "target": frozenset(self.targets),
            "language": frozenset(self.languages),
            "kind": frozenset(self.kinds),
        }
        return {facet: values for facet, values in chosen.items() if values}


class Hit(NamedTuple):
    """One case that answers the question, and where it does so best."""

    id: str
    version: int
    language: str
    field: str
    score: float


class FacetCount(NamedTuple):
    """How many answers one value of a facet would leave, its own facet's filter put aside."""

    value: str
    count: int  # type: ignore[assignment]
    chosen: bool = False


def nothing_kept(_id: str) -> bytes:
    """Tell that the places of terms are kept of no case: its texts are analysed when they are marked."""
    return b""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of answers with the counts of every facet."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, tuple[FacetCount, ...]]
    suggestion: str | None = None
    page: int = 1
    per_page: int = 20
    from_database: bool = False
    """The index was not usable; the answer came from the database itself."""
    elsewhere: tuple[Hit, ...] = ()
    """Cases that answer only in other languages, shown as a group of their own and never counted."""
    kept: Callable[[str], bytes] = field(default=nothing_kept, compare=False, repr=False)
    """Gives where the terms stand in the texts of a hit, told by its id, so that marking needs no analysis."""

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.per_page))


class SearchPort(Protocol):
    """What every engine does."""

    def search(self, query: SearchQuery, *, now: datetime) -> SearchPage:
        """Answer a question as of a moment.

        Raises QueryTooLong for a question over LONGEST_QUERY bytes and SearchUnavailable when there is no usable index.
        """
        ...


class KeptGeneration(Protocol):
    """A whole index, read from its moment on; None is the earliest."""

    @property
    def valid_from(self) -> datetime | None:
        """Give the moment."""
        ...


class KeptIndex(SearchPort, Protocol):
    """An engine that keeps an index beside the database and lets it follow."""

    def search(self, query: SearchQuery, *, now: datetime, holding: Holding | None = None) -> SearchPage:
        """Answer a question; raises SearchUnavailable too when the index holds other cases than `holding` marks."""
        ...

    def lexicon(self, now: datetime) -> Lexicon:
        """Give the names that are never split at this moment; raises SearchUnavailable."""
        ...

    def generation(self, now: datetime) -> KeptGeneration:
        """Give the generation that is read at this moment; raises SearchUnavailable."""
        ...

    def versions(self, generation: Any) -> dict[str, int]:
        """Give the ids and versions that a generation holds; raises SearchUnavailable when it cannot be read."""
        ...

    def rebuild(self, documents: Iterable[CaseDocument], valid_from: datetime | None) -> KeptGeneration:
        """Build a generation from nothing and put it in the place of one of the same moment."""
        ...

    def follow(
        self,
        moment: datetime | None,
        wanted: Mapping[str, int],
        load: Callable[[Collection[str]], Iterable[CaseDocument]],
    ) -> bool:
        """Let the generation of a moment hold the wanted ids and versions; tell whether anything changed."""
        ...

    def retire(self, keep: Collection[datetime | None]) -> None:
        """Remove the generations of all other moments."""
        ...


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per facet being gathered; `ordered` puts them in the order of the pages."""

    counts: dict[str, dict[str, int]] = field(default_factory=lambda: {facet: {} for facet in FACETS})

    def ordered(self, filters: Mapping[str, frozenset[str]]) -> dict[str, tuple[FacetCount, ...]]:
        """Put the values of every facet in order."""
        return {
            facet: order_facet(facet, counts, filters.get(facet, frozenset())) for facet, counts in self.counts.items()
        }


def value_key(facet: str, value: str) -> tuple[int, str]:
    """Give the sort key of values with equal counts: years newest first, all others by their names."""
    return (-int(value) if facet == "year" and value.lstrip("-").isdecimal() else 0, value)


def order_facet(facet: str, counts: Mapping[str, int], chosen: frozenset[str]) -> tuple[FacetCount, ...]:
    """Order years newest first and other values by count; chosen values stay even when nothing is left."""
    values = {value for value, count in counts.items() if count} | chosen
    ranked = sorted(values, key=lambda value: value_key(facet, value))
    if facet != "year":
        ranked.sort(key=lambda value: -counts.get(value, 0))
    return tuple(FacetCount(value, counts.get(value, 0), value in chosen) for value in ranked)

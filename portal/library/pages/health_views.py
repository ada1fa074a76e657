"""The front door of health: what health programmes achieved, by field, and what they took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.access import Public
from portal.i18n import choose
from portal.library import answers, queries
from portal.library.cities import Inhabitants, inhabitants_of
from portal.library.details import Details, Indicator, Reach
from portal.library.models import Case
from portal.library.pages.cards import CaseView, pages, view_of
from portal.library.pages.reading import details_of
from portal.web import language, needs, session

#: Fields of health, each with the themes of cases that belong to it.
FIELDS: dict[str, frozenset[str]] = {
    "telehealth": frozenset({"digital-health"}),
    "prevention": frozenset({"prevention"}),
    "ageing": frozenset({"ageing"}),
    "mental-health": frozenset({"mental-health"}),
    "wearables": frozenset({"wearables"}),
    "data": frozenset({"data-ai"}),
    "equity": frozenset({"welfare", "disability", "gender", "digital-inclusion"}),
    "youth": frozenset({"youth", "education"}),
    "food": frozenset({"food"}),
    "tobacco": frozenset({"tobacco"}),
    "environment": frozenset({"environment", "sanitation", "climate"}),
    "streets": frozenset({"mobility", "safety"}),
}
#: Sizes of cities: the number of inhabitants below which a city belongs to the band; None is without end.
BANDS: dict[str, int | None] = {"small": 100_000, "medium": 1_000_000, "large": None}
#: What a case may state about its means.
MEANS = ("budget", "partners", "technology")


@dataclass(frozen=True, slots=True)
class Programme:
    """A health case with its card, its means and its results."""

    case: Case
    view: CaseView
    details: Details

    @property
    def fields(self) -> list[str]:
        """The fields of health that it belongs to."""
        return [field for field, themes in FIELDS.items() if themes & set(self.case.themes)]

    @property
    def inhabitants(self) -> Inhabitants | None:
        """The people of its city, and who counts them."""
        return inhabitants_of(self.case.city, self.case.country, self.details.population)

    @property
    def band(self) -> str | None:
        """The size of its city, where its population is known."""
        found = self.inhabitants
        if found is None:
            return None
        return next(band for band, below in BANDS.items() if below is None or found.people < below)

    def states(self, means: str) -> bool:
        """Tell whether its sources state one of MEANS."""
        told = self.details
        return bool({"budget": told.budget, "partners": told.partners, "technology": told.technologies}[means])

    @property
    def unstated(self) -> list[str]:
        """What its sources do not state, in the order of the page."""
        missing = [means for means in MEANS if not self.states(means)]
        return missing if self.inhabitants else ["population", *missing]

    @property
    def has_results(self) -> bool:
        """Whether something was measured or counted."""
        return bool(self.details.indicators or self.details.reach)

    @property
    def reach_to_tell(self) -> Reach | None:
        """How many people it reached, unless one of the indicators says the same number."""
        reach = self.details.reach
        return reach if reach and all(one.value != reach.people for one in self.changes[:2]) else None

    @property
    def changes(self) -> list[Indicator]:
        """Its indicators, those with a value from before first."""
        return sorted(self.details.indicators, key=lambda one: one.baseline is None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; an empty value stands for anything."""

    field: str = ""
    band: str = ""
    technology: str = ""
    means: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.field or self.band or self.technology or self.means)

    def fits(self, one: Programme) -> bool:
        """Tell whether a programme has all that is asked for."""
        return (
            (not self.field or self.field in one.fields)
            and (not self.band or self.band == one.band)
            and (not self.technology or self.technology in _technologies(one))
            and all(one.states(means) for means in self.means)
        )


def read_wanted(values: MultiDict[str, str]) -> Wanted:
    """Read a filter from an address; what is unknown is passed over."""
    field, band = values.get("field", ""), values.get("band", "")
    return Wanted(
        field=field if field in FIELDS else "",
        band=band if band in BANDS else "",
        technology=values.get("technology", "").strip()[:200],
        means=tuple(means for means in MEANS if means in values.getlist("stated")),
    )


def _technologies(one: Programme) -> Iterator[str]:
    """Give the names of a programme's technologies as they stand in addresses: in English where there is one."""
    for texts in one.details.technologies:
        yield choose(texts, "en").text


@pages.route("/health")
@needs(Public.READ)
def health() -> ResponseReturnValue:
    """Show what cities did for health: results first, then fields, then every programme with what it took."""
    now, tag = clock.now(), language().tag
    counted = queries.list_counted(session(), now=now)
    ids = [one.id for one in counted if one.kind == "health-programme" or "health" in one.themes]
    told = queries.list_told_cases(session(), ids, now=now)
    programmes = [
        Programme(told[one], view_of(told[one]), details_of(told[one])) for one in reversed(ids) if one in told
    ]
    wanted = read_wanted(request.args)
    technologies = {
        choose(texts, "en").text: choose(texts, tag).text for one in programmes for texts in one.details.technologies
    }
    return render_template(
        "library/health.html",
        section="health",
        noindex=wanted.is_narrowed,
        programmes=programmes,
        shown=[one for one in programmes if wanted.fits(one)],
        with_results=sorted((one for one in programmes if one.has_results), key=_prominence),
        fields=_counts(programmes, lambda one: one.fields, FIELDS),
        bands=_counts(programmes, lambda one: [one.band] if one.band else [], BANDS),
        means=_counts(programmes, lambda one: [means for means in MEANS if one.states(means)], MEANS),
        technologies=sorted(technologies.items(), key=lambda pair: pair[1].casefold()),
        wanted=wanted,
        countries=len({one.case.country for one in programmes}),
        cities=len({(one.case.city, one.case.country) for one in programmes}),
        city_of=lambda case: answers.city_in(case, tag),
    )


def _prominence(one: Programme) -> tuple[bool, bool, int]:
    """Order results: a value from before first, then winners of this prize, then the newest."""
    compared = any(indicator.baseline is not None for indicator in one.details.indicators)
    return not compared, one.case.kind != "prize-entry", -one.case.year


def _counts(
    programmes: list[Programme], values: Callable[[Programme], list[str]], order: Iterable[str]
) -> list[tuple[str, int]]:
    """Count programmes per value in a given order; values without any are left out."""
    counts = dict.fromkeys(order, 0)
    for one in programmes:
        for value in values(one):
            counts[value] += 1
    return [(value, count) for value, count in counts.items() if count]

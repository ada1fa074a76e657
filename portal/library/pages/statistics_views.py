"""The library in figures: where its cases come from, what they are about, and when they happened."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup

from portal import clock
from portal.access import Public
from portal.editions import queries as editions
from portal.library import queries
from portal.library.pages import charts
from portal.library.pages.cards import pages
from portal.library.pages.worldmap import world_map
from portal.library.queries import Counted
from portal.library.regions import REGIONS, region_of
from portal.templating import country
from portal.web import needs, session

#: A table of counts: (value, count), the most frequent first.
Counts = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted over a set of cases; every table counts each case once for each of its values."""

    total: int
    cities: int
    years: Counts
    regions: Counts
    countries: Counts
    kinds: Counts
    categories: Counts
    themes: Counts

    def tables(self) -> Iterable[tuple[str, Counts]]:
        """Give the tables with the names they have in a download."""
        yield "year", self.years
        yield "region", self.regions
        yield "country", self.countries
        yield "kind", self.kinds
        yield "category", self.categories
        yield "theme", self.themes


def counts_of(values: Iterable[str]) -> Counts:
    """Count values, the most frequent first and equal ones by name."""
    return sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))


def by_region(countries: Iterable[str]) -> Counts:
    """Count countries' regions in the order in which pages list them; regions without any are left out."""
    counted = Counter(map(region_of, countries))
    return [(region, counted[region]) for region in REGIONS if counted[region]]


def figures_of(cases: Sequence[Counted]) -> Figures:
    """Count cases by year (every year between the first and the last), place, kind, category and theme."""
    years = Counter(case.year for case in cases)
    return Figures(
        total=len(cases),
        cities=len({(case.city, case.country) for case in cases}),
        years=[(str(year), years[year]) for year in range(min(years), max(years) + 1)] if years else [],
        regions=by_region(case.country for case in cases),
        countries=counts_of(case.country for case in cases),
        kinds=counts_of(case.kind for case in cases),
        categories=counts_of(case.category for case in cases if case.category),
        themes=counts_of(theme for case in cases for theme in case.themes),
    )


def map_of(countries: Counts, label: str, counted: Callable[[int], str]) -> Markup:
    """Draw the world with a count for each country; ``counted`` words a number with what it counts."""
    return world_map(
        dict(countries), label=label,
        title=lambda code, count: gettext("%(country)s: %(count)s", country=country(code), count=counted(count)),
    )  # fmt: skip


def cases_in_words(count: int) -> str:
    """Return a number of cases in words."""
    return ngettext("%(num)s case", "%(num)s cases", count)


@pages.route("/statistics")
@needs(Public.READ)
def statistics() -> ResponseReturnValue:
    """Show the whole library in figures, with a way to the figures of each edition."""
    now = clock.now()
    figures = figures_of(queries.list_counted(session(), now=now))
    names = {edition.slug: edition for edition in editions.list_public_editions(session())}
    listed = [one for one in queries.list_editions_with_results(session(), now=now) if not one.simulated]
    return render_template(
        "library/statistics.html",
        section="cases",
        figures=figures,
        map=map_of(figures.countries, gettext("Map of the world: cases by country"), cases_in_words),
        years=charts.columns(figures.years, label=gettext("Cases by year")),
        bar=charts.bar,
        editions=[(names[one.slug], one.prizes) for one in listed if one.slug in names],
        download=url_for("library.statistics_csv"),
    )


@pages.route("/statistics.csv")
@needs(Public.READ)
def statistics_csv() -> ResponseReturnValue:
    """Give the figures of the library as CSV: what is counted, the value, and how many cases."""
    figures = figures_of(queries.list_counted(session(), now=clock.now()))
    rows = [("total", "cases", figures.total), ("total", "cities", figures.cities)]
    rows += [(name, value, count) for name, counts in figures.tables() for value, count in counts]
    return csv_of(rows, "cases.csv")


def csv_of(rows: Iterable[tuple[str, str, int]], name: str) -> Response:
    """Answer with rows of counts as a CSV file (UTF-8, comma, RFC 4180)."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("counted_by", "value", "count"))
    table.writerows(rows)
    response = Response(written.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""Public pages of results: the newest, one edition, its figures, and the winners of all editions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from portal import clock
from portal.access import Public
from portal.editions import queries as editions
from portal.editions.models import Claim, Edition
from portal.errors import Hidden
from portal.i18n import choose
from portal.library import linked, queries
from portal.library.models import Case, Result
from portal.library.pages import charts
from portal.library.pages.cards import ResultView, pages, result_view, source_of_data
from portal.library.pages.statistics_views import by_region, counts_of, csv_of, map_of
from portal.web import language, needs, session

#: Order of the groups on a page of results; special mentions, which have no category, come last.
CATEGORIES = ("people-centric", "tech-innovation", "leadership")
#: Figures of an edition that stand large at the top of its pages.
HEADLINES = ("entries", "cities", "countries", "winners")
#: The way of entries through an edition.
STAGES = ("entries", "eligible", "finalists", "winners")

#: What the roof provides: figures of an edition, asked of the rooms that hold its entries.
Figures = Callable[[Session, Edition], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """The prizes of one category of an edition; ``category`` is None for special mentions."""

    category: str | None
    results: list[ResultView]


def grouped(results: list[Result], cases: Mapping[str, Case]) -> list[Group]:
    """Put prizes into their categories, special mentions last."""
    groups: dict[str | None, list[ResultView]] = {}
    for result in results:
        key = None if result.rank == "special-mention" else result.category
        groups.setdefault(key, []).append(result_view(result, cases.get(result.case_id or "")))
    return [Group(key, groups[key]) for key in (*CATEGORIES, None) if key in groups]


@pages.route("/results")
@needs(Public.READ)
def results() -> ResponseReturnValue:
    """Show the newest results."""
    listed = queries.list_editions_with_results(session(), now=clock.now())
    newest = next((one.slug for one in listed if not one.simulated), None)
    if newest is None:
        return render_template("library/no_results.html", section="results", listed=listed)
    return _edition_page(newest, listed, is_newest=True)


@pages.route("/results/<slug>")
@needs(Public.READ)
def results_of(slug: str) -> ResponseReturnValue:
    """Show the results of one edition by category."""
    return _edition_page(slug, queries.list_editions_with_results(session(), now=clock.now()), is_newest=False)


def _edition_page(slug: str, listed: list[queries.EditionCount], *, is_newest: bool) -> ResponseReturnValue:
    now = clock.now()
    edition = queries.get_edition(session(), slug)
    published = queries.list_results(session(), slug, now=now)
    if edition is None or not published:
        raise Hidden
    simulated = edition.simulated or any(result.simulated for result in published)
    headlines, figures = _in_figures(edition, published, simulated)
    groups = grouped(published, queries.cases_of(session(), published, now=now))
    return render_template(
        "library/results.html",
        section="results",
        noindex=simulated,
        edition=edition,
        simulated=simulated,
        is_newest=is_newest,
        listed=listed,
        groups=groups,
        headlines=headlines,
        figures=figures,
        total=len(published),
        json_ld=None if simulated else _linked(edition, groups),
    )


def _linked(edition: Edition, groups: list[Group]) -> dict[str, Any]:
    """Return the prizes of an edition as linked data, in the order of the page."""
    name = choose(edition.names, language().tag)
    prizes = [one for group in groups for one in group.results]
    return linked.list_data(
        name.text, source_of_data(), tag=language().tag, url=url_for("library.results_of", slug=edition.slug),
        items=[(f"{one.prize}: {one.title} ({one.city})", one.case) for one in prizes],
    )  # fmt: skip


def _in_figures(edition: Edition, published: list[Result], simulated: bool) -> tuple[list[Claim], dict[str, int]]:
    """Return the large figures of an edition: the first claim for each of a real one, else those counted here."""
    first = {} if simulated else {claim.key: claim for claim in reversed(edition.claims)}
    headlines = [first[key] for key in HEADLINES if key in first]
    if headlines:
        return headlines, {}
    provided: Figures = current_app.extensions["edition_figures"]
    entries = {key: count for key, count in provided(session(), edition).items() if count}
    return [], {**entries, "winners": len(published)}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of an edition: how many entries it held, and who says so (None: counted on this site)."""

    key: str
    count: int
    claim: Claim | None


def funnel(claims: Mapping[str, list[Claim]], figures: Mapping[str, int]) -> list[Stage]:
    """Return the stages whose numbers are known, as first reported or as counted; one alone is no funnel."""
    stages = []
    for key in STAGES:
        reported = next(
            (claim for claim in claims.get(key, ()) if claim.value.isascii() and claim.value.isdecimal()), None
        )
        if reported:
            stages.append(Stage(key, int(reported.value), reported))
        elif key in figures:
            stages.append(Stage(key, figures[key], None))
    return stages if len(stages) > 1 else []


def _edition_in_figures(slug: str) -> tuple[Edition, list[Result], bool]:
    """Return an edition with its published prizes, and whether it is simulated; without any figure it is not found."""
    edition = queries.get_edition(session(), slug)
    published = queries.list_results(session(), slug, now=clock.now())
    if edition is None or not (published or edition.claims):
        raise Hidden
    return edition, published, edition.simulated or any(result.simulated for result in published)


@pages.route("/results/<slug>/statistics")
@needs(Public.READ)
def edition_statistics(slug: str) -> ResponseReturnValue:
    """Show an edition in figures: as sources report them for a real one, by query for a simulated one."""
    edition, published, simulated = _edition_in_figures(slug)
    claims: dict[str, list[Claim]] = {}
    if not simulated:
        for claim in edition.claims:
            claims.setdefault(claim.key, []).append(claim)
    headlines, figures = _in_figures(edition, published, simulated)
    by_country = counts_of(result.country for result in published)
    return render_template(
        "library/edition_statistics.html",
        section="results",
        noindex=simulated,
        edition=edition,
        simulated=simulated,
        claims=claims,
        headlines=headlines,
        figures=figures,
        stages=funnel(claims, figures),
        published=published,
        map=map_of(by_country, gettext("Map of the world: prizes by country"), _prizes_in_words),
        bar=charts.bar,
        by_country=by_country,
        by_region=by_region(result.country for result in published),
        by_rank=counts_of(result.rank for result in published),
        by_category=counts_of(result.category or "special-mention" for result in published),
    )


def _prizes_in_words(count: int) -> str:
    return ngettext("%(num)s published prize", "%(num)s published prizes", count)


@pages.route("/results/<slug>/statistics.csv")
@needs(Public.READ)
def edition_statistics_csv(slug: str) -> ResponseReturnValue:
    """Give the prizes of an edition, counted, as CSV."""
    _, published, _ = _edition_in_figures(slug)
    rows = [("total", "prizes", len(published))]
    for name, counts in (
        ("region", by_region(result.country for result in published)),
        ("country", counts_of(result.country for result in published)),
        ("category", counts_of(result.category or "special-mention" for result in published)),
        ("rank", counts_of(result.rank for result in published)),
    ):
        rows += [(name, value, count) for value, count in counts]
    return csv_of(rows, f"prizes-{slug}.csv")


@pages.route("/winners")
@needs(Public.READ)
def past_winners() -> ResponseReturnValue:
    """Show the winners of all editions."""
    now = clock.now()
    published = queries.list_all_results(session(), now=now)
    cases = queries.cases_of(session(), published, now=now)
    halls: dict[str, list[ResultView]] = {}
    for result in published:
        halls.setdefault(result.edition_slug, []).append(result_view(result, cases.get(result.case_id or "")))
    names = {edition.slug: edition for edition in editions.list_public_editions(session())}
    return render_template(
        "library/past_winners.html",
        section="winners",
        halls=[(names[slug], shown) for slug, shown in halls.items() if slug in names],
        prizes=len(published),
        cities=len({(result.city, result.country) for result in published}),
        countries=len({result.country for result in published}),
    )

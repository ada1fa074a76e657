"""Commands that say what an edition came to: its results and its statistics."""

from __future__ import annotations

import json
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.orm import Session

from portal import clock
from portal.editions.models import Edition
from portal.editions.queries import get_edition
from portal.library.queries import list_results
from portal.web import Portal
from submissions.queries import get_statistics

results_commands = AppGroup("results", help="The results of an edition.")


@results_commands.command("export")
@click.option("--edition", "slug", required=True, help="The edition's address, such as 2024.")
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
def export_results(slug: str, form: str) -> None:
    """Print the published prizes of an edition as a JSON list, by category, rank and organisation.

    Each has its title in the original language; special mentions have no category of their own and no place, and come
    first.
    """
    with _site().database.open() as session:
        _find(session, slug)
        rows: list[dict[str, Any]] = [
            {
                "category": result.category,
                "rank": result.rank,
                "place": result.place,
                "organisation": result.organisation,
                "city": result.city,
                "country": result.country,
                "title": result.titles.get(result.original_language, ""),
            }
            for result in list_results(session, slug, now=clock.now())
        ]
    rows.sort(key=lambda row: (row["category"] or "", row["rank"], row["organisation"], row["title"]))
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))


@click.command("statistics")
@click.option("--edition", "slug", required=True, help="The edition's address, such as 2024.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def statistics(slug: str, as_json: bool) -> None:
    """Print how many entries stand, from how many cities and countries, and how many prizes are published."""
    with _site().database.open() as session:
        edition = _find(session, slug)
        counted = get_statistics(session, edition)
        results = list_results(session, slug, now=clock.now())
    figures: dict[str, Any] = {
        "edition": slug,
        "simulated": edition.simulated,
        "entries": counted.entries,
        "cities": counted.cities,
        "countries": counted.countries,
        "prizes": len(results),
        "project_prizes": sum(result.category in ("people-centric", "tech-innovation") for result in results),
        "by_category": dict(sorted(counted.by_category.items())),
        "by_applicant_type": dict(sorted(counted.by_applicant_type.items())),
        "by_country": dict(sorted(counted.by_country.items())),
    }
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, figure in figures.items():
        if not isinstance(figure, dict):
            click.echo(f"{name}: {figure}")


def _site() -> Portal:
    found: Portal = current_app.extensions["portal"]
    return found


def _find(session: Session, slug: str) -> Edition:
    edition = get_edition(session, slug)
    if edition is None:
        raise click.ClickException(f"There is no edition {slug!r}.")
    return edition

"""The command that plays a whole invented edition into an empty site."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect

from portal.config import ROOT
from portal.simulation.drive import drive
from portal.simulation.entering import AlreadyThere
from portal.simulation.plan import FULL_ENTRIES, FULL_JUDGES, LEAST_ENTRIES, LEAST_JUDGES
from portal.simulation.world import build_world
from portal.web import Portal

DATA = ROOT / "portal" / "data"


@click.command("simulate")
@click.option("--seed", type=int, required=True, help="The same seed gives the same edition.")
@click.option("--entries", type=click.IntRange(min=LEAST_ENTRIES), default=FULL_ENTRIES, show_default=True)
@click.option("--judges", type=click.IntRange(min=LEAST_JUDGES), default=FULL_JUDGES, show_default=True)
@with_appcontext
def simulate(seed: int, entries: int, judges: int) -> None:
    """Play an invented edition of 2024 from its call to its results, clearly marked as simulated.

    It goes through the same acts as people do; the site must be migrated and must not have the edition yet. No mail is
    sent.
    """
    site: Portal = current_app.extensions["portal"]
    if not inspect(site.database.engine).has_table("edition"):
        raise click.ClickException("The database has no tables yet. Run “flask db upgrade” first.")
    template = json.loads((DATA / "edition_template.json").read_text(encoding="utf-8"))
    forms = json.loads((DATA / "forms.json").read_text(encoding="utf-8"))
    world = build_world(seed, entries, judges)
    try:
        slug = drive(site.database, site.store, world, template, forms)
    except AlreadyThere as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"seed {seed}: {entries} entries, {judges} judges")
    click.echo(f"edition: {slug}")

"""The library's part of the command line: rebuild, check and ask the search index."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import IO

import click
from flask import current_app
from flask.cli import AppGroup

from portal import clock
from portal.library import answers, finding, record_reader
from portal.library.actions import imports as actions
from portal.library.search.encoding import SENTENCES, LocalEncoder, models
from portal.library.search.port import MOST_PER_PAGE, QueryTooLong, SearchQuery
from portal.web import Portal

#: Texts whose vectors are made before a question is answered, less than a minute of work: a site's worker may be away.
MOST_TEXTS = 400

library_commands = AppGroup("library", help="The case library and its search index.")


def _site() -> Portal:
    found: Portal = current_app.extensions["portal"]
    return found


@library_commands.command("reindex")
def reindex() -> None:
    """Build the search index anew from the database, without downtime."""
    site, now = _site(), clock.now()
    engine = finding.finder_at(site.settings).engine
    for generation in finding.rebuild(site.database, engine, now):
        since = generation.valid_from.isoformat(timespec="seconds") if generation.valid_from else "always"
        click.echo(f"{len(engine.versions(generation))} cases, valid from {since}")
    if not models():
        click.echo(f"Nothing is found across languages: the package {SENTENCES.package} is not installed.")


@library_commands.command("verify")
def verify() -> None:
    """Compare database and index; print the differences and exit 1 when there are any."""
    site = _site()
    engine = finding.finder_at(site.settings).engine
    faults = finding.list_differences(site.database, engine, clock.now())
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(faults)} differences")
    if faults:
        raise SystemExit(1)


@library_commands.command("search")
@click.argument("question", required=False)
@click.option("--lang", default="en", help="The reader's language.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read one question a line.")
def search(question: str | None, lang: str, as_json: bool, from_stdin: bool) -> None:
    """Ask the library a question; one that finds nothing is asked again as it was probably meant."""
    site, now = _site(), clock.now()
    finder = finding.finder_at(site.settings)
    finder.encoder = LocalEncoder()
    if finding.remember_meanings(site.database, finder.encoder, MOST_TEXTS):
        click.echo("Not every text has its vector yet: the site's worker makes them.", err=True)
    questions = (line.rstrip("\n") for line in sys.stdin) if from_stdin else iter([question or ""])
    for text in questions:
        with site.database.open() as session:
            query = SearchQuery(text, lang, per_page=MOST_PER_PAGE)
            try:
                found = finder.find(session, query, now=now)
                meant = found.page.suggestion
                if meant and not found.page.total:
                    found = finder.find(session, replace(query, text=meant), now=now)
            except QueryTooLong:
                click.echo(
                    json.dumps({"error": "The question is too long."}) if as_json else "The question is too long."
                )
                continue
            answer = {**answers.answer(found, lang, site.settings.site_url), "suggestion": meant}
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            click.echo(f"{answer['total']} cases" + (f" for {meant}" if meant else ""))
            for group in ("items", "other_languages"):
                for one in answer[group]:
                    mark = f"  ({one['language']})" if group == "other_languages" else ""
                    click.echo(f"{one['id']}  {one['city']} {one['year']}  {one['title']}{mark}")


@library_commands.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--drafts", is_flag=True, help="Leave new cases to the editorial desk instead of publishing them.")
def import_cases(file: IO[str], drafts: bool) -> None:
    """Add and change the cases of a JSON file, a list of records; all or nothing. New cases are public at once."""
    try:
        rows = json.load(file)
        record_reader.check_letters(rows)
    except ValueError as problem:
        raise click.ClickException(f"The file is no JSON: {problem}") from None
    if not isinstance(rows, list):
        raise click.ClickException("The file must hold a list of records.")
    site = _site()
    try:
        with site.database.transaction() as session:
            counts = actions.import_records(session, rows, by=None, now=clock.now(), published=not drafts)
    except actions.BadRecords as refusal:
        for fault in refusal.faults:
            named = f"Record {fault.number} ({fault.id})" if fault.id else f"Record {fault.number}"
            click.echo(f"{named}: {fault.refusal.message % fault.refusal.values}")
        raise click.ClickException("Nothing was imported.") from None
    click.echo(f"{counts.added} added, {counts.changed} changed, {counts.same} the same")

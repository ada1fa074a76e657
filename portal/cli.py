"""The command line: everything an operator does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from judging.commands import results_commands, statistics
from portal import audit, backup, catalogues, clock, jobs, retention, seed, serving
from portal.accounts.commands import people_commands
from portal.editions.models import Edition
from portal.library import jobs as library_jobs
from portal.library.commands import library_commands
from portal.migrating import migrate
from portal.simulation.commands import simulate
from portal.simulation.plan import FULL_ENTRIES, FULL_JUDGES
from portal.web import Portal

#: The seed of the edition that `make demo` shows.
DEMO_SEED = 1

db_commands = AppGroup("db", help="The database's tables.")
audit_commands = AppGroup("audit", help="The audit log.")
translations_commands = AppGroup("translations", help="The catalogues of the interface.")


def install(app: Flask) -> None:
    """Hang the commands into an application."""
    rooms = (library_commands, people_commands, results_commands)
    for group in (db_commands, audit_commands, translations_commands, *rooms):
        app.cli.add_command(group)
    for single in (up, serve, work, load_seed, backup.backup_command, backup.restore_command, simulate, statistics):
        app.cli.add_command(single)


def site() -> Portal:
    """Return the site that the command works on."""
    found: Portal = current_app.extensions["portal"]
    return found


@db_commands.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables up to date."""
    migrate(site().database.engine, "upgrade", revision)


@db_commands.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the tables back to an earlier revision."""
    migrate(site().database.engine, "downgrade", revision)


@db_commands.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from the difference between tables and models."""
    migrate(site().database.engine, "revision", message, autogenerate=True)


@audit_commands.command("verify")
@click.option("--holds", "noted", multiple=True, metavar="SEAL", help="A seal noted earlier; it must still be there.")
def verify(noted: tuple[str, ...]) -> None:
    """Check the whole hash chain and print its last seal; exit 1 when anything was changed or cut off.

    Whoever can write to the database could cut the end off and seal what is left: note the last seal elsewhere.
    """
    with site().database.open() as session:
        count, faults = audit.verify(session)
        faults += [f"No event has the seal {seal}." for seal in noted if not audit.has_seal(session, seal)]
        last = audit.last_seal(session)
    for fault in faults:
        click.echo(fault)
    click.echo(f"{count} events, {len(faults)} faults, last seal {last}")
    if faults:
        raise SystemExit(1)


@translations_commands.command("compile")
def compile_translations() -> None:
    """Compile the catalogues that have changed."""
    click.echo(f"{catalogues.compile_catalogues()} catalogues compiled")


@translations_commands.command("update")
def update_translations() -> None:
    """Collect every sentence anew and bring the catalogues up to date."""
    for language, missing in catalogues.update().items():
        click.echo(f"{language}: {missing} untranslated")


@click.command("seed")
def load_seed() -> None:
    """Load the real editions, cases, pages and notices into an empty site; a site with data is left alone."""
    with site().database.transaction() as session:
        done = seed.load(session, now=clock.now(), demonstration=site().settings.demonstration)
    click.echo("The site's content has been loaded." if done else "The site has content already.")


@click.command("up")
@click.option("--simulated", is_flag=True, help="Add a simulated edition, clearly marked.")
@click.pass_context
def up(context: click.Context, simulated: bool) -> None:
    """Bring everything up to date and serve: what `make run` calls."""
    migrate(site().database.engine, "upgrade", "head")
    catalogues.compile_catalogues()
    database, settings = site().database, site().settings
    with database.transaction() as session:
        seed.load(session, now=clock.now(), demonstration=settings.demonstration)
        has_simulated = session.scalar(select(Edition.id).where(Edition.simulated).limit(1)) is not None
    if simulated and not has_simulated:
        click.echo("Playing a simulated edition; this takes half a minute …")
        context.invoke(simulate, seed=DEMO_SEED, entries=FULL_ENTRIES, judges=FULL_JUDGES)
        with database.transaction() as session:
            seed.load_open_edition(session, now=clock.now())
    click.echo(f"\n  {settings.site_url}\n")
    if settings.demonstration:
        click.echo("  Demonstration accounts (this machine only):")
        for account in seed.demonstration_accounts():
            click.echo(f"    {account.role:<14} {account.email:<28} {account.password}")
        click.echo("")
    context.invoke(serve)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due and stop.")
def work(once: bool) -> None:
    """Do the background jobs."""
    handlers = current_app.extensions["job_handlers"]
    retention.plan(site().database, clock.now())
    with _in_use():
        if once:
            click.echo(f"{jobs.run_due(site().database, handlers, clock.now)} jobs")
            return
        library_jobs.begin(site().database, site().settings, clock.now())
        serving.work_until_stopped(site().database, handlers)


@click.command("serve")
def serve() -> None:
    """Serve the site: web processes and the job worker, stopped together by one signal."""
    retention.plan(site().database, clock.now())
    library_jobs.begin(site().database, site().settings, clock.now())
    with _in_use():
        serving.serve(site(), current_app.extensions["job_handlers"])


@contextmanager
def _in_use() -> Iterator[None]:
    """Keep a restore out of the instance folder; raise a clear sentence while one is at work."""
    try:
        with serving.hold(site().settings.instance):
            yield
    except BlockingIOError as problem:
        raise click.ClickException("A backup is being restored into this site. Start it again afterwards.") from problem

"""A simulated edition, driven through the actions: the same results twice, and everything that an edition must have."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from judging.models import Assignment, Conflict, Decision, Judge, RoundEntry, Scorecard
from portal import audit
from portal.accounts.models import Organisation, User
from portal.app import create_app
from portal.config import read_settings
from portal.db import Database
from portal.editions.models import Edition, Round
from portal.jobs import Job
from portal.library.models import Case, Result
from portal.library.queries import list_results, stands_in_library
from portal.mail import MailMessage
from portal.migrating import migrate
from portal.simulation.plan import Fate, World
from portal.simulation.scores import finalist_quotas, reviews_possible
from portal.simulation.world import build_world
from submissions.models import Attachment, Entry, Screening, Submission
from submissions.rules import STANDING

SOAK = bool(os.environ.get("SOAK"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
ENTRIES, JUDGES = (216, 16) if SOAK else (24, 4)


@dataclass(frozen=True)
class Site:
    """A simulated site with what the command said."""

    app: Flask
    database: Database
    said: str

    def run(self, *arguments: str) -> str:
        """Call a command that must succeed and return what it prints."""
        answer = self.app.test_cli_runner().invoke(args=list(arguments))
        assert answer.exit_code == 0, answer.output
        return answer.output


def simulate(folder: Path, seed: int, url: str = "") -> Site:
    """Make a site and play an edition into it."""
    app = create_app(read_settings({"PORTAL_INSTANCE": str(folder), "DATABASE_URL": url}))
    database: Database = app.extensions["portal"].database
    migrate(database.engine, "upgrade", "head")
    site = Site(app, database, "")
    said = site.run("simulate", "--seed", str(seed), "--entries", str(ENTRIES), "--judges", str(JUDGES))
    return Site(app, database, said)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = simulate(tmp_path_factory.mktemp("first"), SEED)
    yield found
    found.database.engine.dispose()


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(SEED, ENTRIES, JUDGES)


def test_the_command_ends_with_the_address_of_the_edition(site: Site) -> None:
    assert site.said.splitlines()[-1] == "edition: 2024-sim"


@pytest.mark.heavy
def test_the_same_seed_gives_the_same_results_byte_for_byte(
    site: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server, url = os.environ.get("TEST_DATABASE_URL"), ""
    if server:  # then the second site lives in the other engine
        name = f"portal_simulation_{os.getpid()}"
        engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))

        def drop() -> None:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            engine.dispose()

        request.addfinalizer(drop)
        url = f"{server.rpartition('/')[0]}/{name}"
    other = simulate(tmp_path / "second", SEED, url)
    export = ("results", "export", "--edition", "2024-sim", "--format", "json")
    assert other.run(*export) == site.run(*export)
    numbers = ("statistics", "--edition", "2024-sim", "--json")
    assert other.run(*numbers) == site.run(*numbers)
    with site.database.open() as first, other.database.open() as second:
        by_moment = select(audit.AuditEvent.at, audit.AuditEvent.action).order_by(audit.AuditEvent.sequence)
        assert second.execute(by_moment).all() == first.execute(by_moment).all()
        assert set(first.scalars(select(Entry.id))).isdisjoint(second.scalars(select(Entry.id)))
    other.database.engine.dispose()


def test_results_export_has_the_contract_s_keys_and_order(site: Site) -> None:
    rows = json.loads(site.run("results", "export", "--edition", "2024-sim"))
    assert {tuple(row) for row in rows} == {("category", "rank", "place", "organisation", "city", "country", "title")}
    assert rows == sorted(rows, key=lambda row: (row["category"] or "", row["rank"], row["organisation"]))
    counted = Counter((row["category"], row["rank"]) for row in rows)
    project = {"gold": 1, "silver": 2, "bronze": 3, "corporate": 1, "institution": 1}
    assert counted == {
        **{(category, rank): n for category in ("people-centric", "tech-innovation") for rank, n in project.items()},
        ("leadership", "leadership"): 1,
        (None, "special-mention"): 3,
    }
    assert {row["place"] for row in rows if row["rank"] == "special-mention"} == {None}
    for category in ("people-centric", "tech-innovation"):
        places = {
            rank: sorted(row["place"] for row in rows if (row["category"], row["rank"]) == (category, rank))
            for rank in project
        }
        assert places["gold"] == places["corporate"] == places["institution"] == [1]
        assert (places["silver"][0], places["bronze"][0]) == (2, 4)


@pytest.mark.heavy
def test_statistics_count_what_stands(site: Site, world: World, counted: Callable[[str], None]) -> None:
    figures = json.loads(site.run("statistics", "--edition", "2024-sim", "--json"))
    cities = {(entry.country, entry.organisation.city.name) for entry in world.entries}
    assert (figures["entries"], figures["cities"], figures["countries"], figures["prizes"]) == (
        ENTRIES, len(cities), len({country for country, _ in cities}), 20,
    )  # fmt: skip
    assert not SOAK or (figures["entries"], figures["cities"], figures["countries"]) == (216, 123, 58)
    assert figures["project_prizes"] == 16
    counted(f"{ENTRIES} entries, {JUDGES} judges, {len(cities)} cities, seed {SEED}")
    assert figures["simulated"] is True
    assert f"entries: {ENTRIES}\n" in site.run("statistics", "--edition", "2024-sim")


@pytest.mark.parametrize("command", [("results", "export"), ("statistics",)])
def test_an_unknown_edition_is_named(site: Site, command: tuple[str, ...]) -> None:
    answer = site.app.test_cli_runner().invoke(args=[*command, "--edition", "1999"])
    assert (answer.exit_code, answer.output) == (1, "Error: There is no edition '1999'.\n")


def test_a_second_simulation_is_refused_and_changes_nothing(site: Site) -> None:
    with site.database.open() as session:
        before = session.scalar(select(func.count()).select_from(audit.AuditEvent))
    answer = site.app.test_cli_runner().invoke(args=["simulate", "--seed", "2"])
    assert (answer.exit_code, answer.output) == (1, "Error: There is an edition 2024-sim already.\n")
    with site.database.open() as session:
        assert session.scalar(select(func.count()).select_from(audit.AuditEvent)) == before


def test_a_site_without_tables_is_told_so(tmp_path: Path) -> None:
    app = create_app(read_settings({"PORTAL_INSTANCE": str(tmp_path / "bare")}))
    answer = app.test_cli_runner().invoke(args=["simulate", "--seed", "1"])
    app.extensions["portal"].database.engine.dispose()
    assert answer.exit_code == 1
    assert "Run “flask db upgrade” first" in answer.output


@pytest.mark.parametrize(("option", "value"), [("--entries", "19"), ("--judges", "2")])
def test_too_small_an_edition_is_refused(site: Site, option: str, value: str) -> None:
    answer = site.app.test_cli_runner().invoke(args=["simulate", "--seed", "1", option, value])
    assert answer.exit_code == 2
    assert option in answer.output


def test_everything_is_marked_as_simulated_and_stays_out_of_the_library(site: Site, world: World) -> None:
    with site.database.open() as session:
        assert session.scalars(select(Edition.simulated)).all() == [True]
        assert set(session.scalars(select(Result.simulated))) == {True}
        assert set(session.scalars(select(Case.simulated))) == {True}
        assert list(session.scalars(select(Case.id).where(stands_in_library(world.timeline.results_at)))) == []


def test_results_appear_at_their_moment_and_not_before(site: Site, world: World) -> None:
    moment = world.timeline.results_at
    with site.database.open() as session:
        assert list_results(session, "2024-sim", now=moment - timedelta(microseconds=1)) == []
        assert len(list_results(session, "2024-sim", now=moment)) == 20


def test_entries_met_their_fates(site: Site, world: World) -> None:
    states = {
        Fate.ELIGIBLE: "eligible", Fate.RESUBMITTED: "eligible", Fate.INELIGIBLE: "ineligible",
        Fate.WITHDRAWN: "withdrawn", Fate.DRAFT: "draft",
    }  # fmt: skip
    with site.database.open() as session:
        rows = dict(session.execute(select(Entry.title, Entry)).all())
        for planned in world.entries:
            entry = rows[planned.title]
            assert (entry.state, entry.applicant_type) == (states[planned.fate], planned.organisation.applicant_type)
            assert entry.answers["summary"] == planned.story.paragraphs["summary"]
            submissions = session.scalar(select(func.count()).where(Submission.entry_id == entry.id))
            outcomes = session.scalars(
                select(Screening.outcome).where(Screening.entry_id == entry.id).order_by(Screening.decided_at)
            ).all()
            if planned.fate is Fate.RESUBMITTED:
                assert (submissions, outcomes) == (2, ["sent-back", "eligible"])
            else:
                assert (submissions, outcomes) == (1, [entry.state])
        fates = [planned.fate for planned in world.left_out]
        counted = Counter(session.scalars(select(Entry.state).where(Entry.state.not_in(STANDING))))
        assert counted == Counter(states[fate] for fate in fates)
        files = session.scalar(select(func.count()).select_from(Attachment))
        assert files == sum(
            len(planned.files) for planned in (*world.entries, *world.left_out) if planned.fate is not Fate.DRAFT
        )


def test_judges_scored_all_that_they_were_given_and_nothing_of_their_country(site: Site, world: World) -> None:
    with site.database.open() as session:
        assert Counter(session.scalars(select(Judge.state))) == {"accepted": JUDGES, "declined": 1}
        query = (
            select(Round.number, Entry.id, Judge.country, Organisation.country, Scorecard.sent_at)
            .select_from(Assignment)
            .join(Judge, Judge.id == Assignment.judge_id)
            .join(Round, Round.id == Assignment.round_id)
            .join(Entry, Entry.id == Assignment.entry_id)
            .join(Organisation, Organisation.id == Entry.organisation_id)
            .outerjoin(Scorecard, Scorecard.assignment_id == Assignment.id)
            .where(Assignment.recused_at.is_(None))
        )
        rows = session.execute(query).all()
        assert all(judge_country != country for _, _, judge_country, country, _ in rows)
        assert all(sent_at is not None for *_, sent_at in rows)
        readers = Counter((number, entry) for number, entry, *_ in rows)
        for number, wanted in ((1, 3), (2, 5)):
            assert {count for (one, _), count in readers.items() if one == number} == {reviews_possible(world, wanted)}
        conflicts = set(session.execute(select(Conflict.judge_id, Conflict.entry_id)))
        assert len(conflicts) == len(world.conflicts)
        active = select(Assignment.judge_id, Assignment.entry_id).where(Assignment.recused_at.is_(None))
        assert conflicts.isdisjoint(session.execute(active))


def test_rounds_hold_the_eligible_then_the_finalists_who_alone_win(site: Site, world: World) -> None:
    with site.database.open() as session:
        rounds = session.execute(
            select(Round.number, func.count()).join(RoundEntry, RoundEntry.round_id == Round.id).group_by(Round.number)
        )
        assert dict(rounds.all()) == {1: len(world.eligible), 2: sum(finalist_quotas(world).values())}
        second = select(RoundEntry.entry_id).join(Round).where(Round.number == 2)
        assert set(session.scalars(select(Decision.entry_id))) <= set(session.scalars(second))
        assert all(reason.startswith("Simulated: ") for reason in session.scalars(select(Decision.reason)))


def test_no_mail_leaves_a_simulation_and_no_password_opens_it(site: Site) -> None:
    with site.database.open() as session:
        assert session.scalar(select(func.count()).select_from(MailMessage)) == 0
        assert set(session.scalars(select(Job.kind))) <= {"library.index"}
        people = session.execute(select(User.email, User.password, User.confirmed_at)).all()
    assert len(people) == len({email for email, *_ in people}) > ENTRIES
    assert {email.rpartition("@")[2] for email, *_ in people} == {"simulated.example.org"}
    assert {password for _, password, _ in people} == {None}
    assert all(confirmed_at is not None for *_, confirmed_at in people)


def test_every_act_is_in_the_audit_log_on_the_plan_s_clock(site: Site) -> None:
    with site.database.open() as session:
        count, faults = audit.verify(session)
        years = {at.year for at in session.scalars(select(audit.AuditEvent.at))}
        actions = set(session.scalars(select(audit.AuditEvent.action)))
    assert (count > 20 * ENTRIES, faults, years) == (True, [], {2024})
    assert {
        "person.create", "organisation.create", "edition.create", "edition.publish", "entry.create", "entry.save",
        "entry.attach", "entry.submit", "entry.withdraw", "entry.screen", "judge.invite", "judge.accept",
        "judge.decline", "conflict.declare", "round.open", "round.assign", "scorecard.save", "scorecard.send",
        "round.close", "round.finalists", "prize.decide", "publication.approve", "publication.schedule",
    } <= actions  # fmt: skip

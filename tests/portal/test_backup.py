"""Backup and restore: everything comes back, in either engine, and nothing is overwritten by mistake."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from judging.models import Score, Scorecard
from portal import audit, backup, files, retention, serving
from portal.app import create_app
from portal.config import Settings, read_settings
from portal.db import Base, Database
from portal.editions.models import Claim, Criterion
from portal.library.actions.cases import add_case
from portal.library.copies import CaseCopy, Telling
from portal.library.models import TextVector
from portal.migrating import migrate
from portal.pages.actions import change_logo, change_site
from tests import factories
from tests.factories import NOW

Site = tuple[Settings, Database]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with tables and no rows, made once by the migrations."""
    settings = read_settings({"PORTAL_INSTANCE": str(tmp_path_factory.mktemp("migrated"))})
    database = Database(settings.database_url)
    migrate(database.engine, "upgrade", "head")
    database.engine.dispose()
    return settings.instance / "portal.sqlite3"


@pytest.fixture
def make_site(tmp_path: Path, migrated: Path) -> Iterator[Callable[..., Site]]:
    """Return a maker of sites of their own, with tables or without."""
    made: list[Database] = []

    def make(name: str, *, tables: bool = True, url: str = "") -> Site:
        environ = {"PORTAL_INSTANCE": str(tmp_path / name), "DATABASE_URL": url}
        settings = read_settings(environ)
        if tables:
            shutil.copy(migrated, settings.instance / "portal.sqlite3")
        database = Database(settings.database_url)
        made.append(database)
        return settings, database

    yield make
    for database in made:
        database.engine.dispose()


@pytest.fixture
def filled(make_site: Callable[..., Site]) -> Site:
    """Return a site with a row of every awkward kind: moments, days, decimals, lists, bytes, an upload, a chain."""
    settings, database = make_site("filled")
    staged = files.FileStore(settings.files).stage(io.BytesIO(PNG), "사진.png", accept=["image"], most_bytes=1000)
    with database.transaction() as session:
        user = factories.make_user(session, "Ann", roles=("secretariat",))
        user.mf_recovery_codes = ["one", "two"]
        organisation = factories.make_organisation(session, user, name="바기오시")
        edition = factories.make_edition(session)
        entry = factories.make_entry(session, edition, organisation, user, answers={"title": "건강", "sdgs": ["3"]})
        judge = factories.make_judge(session, edition, user)
        card = Scorecard(assignment_id=factories.make_assignment(session, judge, entry).id, saved_at=NOW)
        factories.keep(session, card)
        criterion = session.scalars(select(Criterion).order_by(Criterion.position)).first()
        assert criterion is not None
        session.add(Score(scorecard_id=card.id, criterion_id=criterion.id, value=Decimal("7.25"), comment="x\ny"))
        session.add(
            Claim(edition_id=edition.id, position=1, key="entries", value="216", texts={"en": "216"},
                  source_title="News", source_url=None, claimed_on=date(2024, 10, 17))
        )  # fmt: skip
        session.add(TextVector(key="a" * 64, vector=bytes(range(256))))
        files.keep(session, staged, now=NOW)
        audit.note(session, "entry.submit", f"entry:{entry.id}", by=user.id, now=NOW, text="a reason", number=1)
    return settings, database


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    with database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def test_restore_brings_back_every_row_the_upload_and_the_key(
    filled: Site, make_site: Callable[..., Site], tmp_path: Path
) -> None:
    settings, database = filled
    made = backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    assert (made.rows["entry"], made.rows["score"], made.files) == (1, 1, 1)
    for tables in (True, False):
        target_settings, target = make_site(f"target-{tables}", tables=tables)
        assert backup.restore_backup(target, target_settings, tmp_path / "site.backup") == made
        assert everything(target) == everything(database)
        with target.open() as session:
            assert audit.verify(session) == (1, [])
        sha256 = hashlib.sha256(PNG).hexdigest()
        path = target_settings.files / sha256[:2] / sha256
        assert path.read_bytes() == PNG
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        key = (target_settings.instance / "secret_key").read_text()
        assert key == (settings.instance / "secret_key").read_text()


def test_a_backup_restores_on_postgresql_and_back(filled: Site, make_site: Callable[..., Site], tmp_path: Path) -> None:
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("runs where TEST_DATABASE_URL names a PostgreSQL server")
    name = f"portal_backup_{os.getpid()}"
    admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    settings, database = filled
    backup.write_backup(database, settings, tmp_path / "there.backup", now=NOW)
    other_settings, other = make_site("other", tables=False, url=f"{server.rpartition('/')[0]}/{name}")
    try:
        backup.restore_backup(other, other_settings, tmp_path / "there.backup")
        assert everything(other) == everything(database)
        backup.write_backup(other, other_settings, tmp_path / "back.backup", now=NOW)
    finally:
        other.engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
    home_settings, home = make_site("home")
    backup.restore_backup(home, home_settings, tmp_path / "back.backup")
    assert everything(home) == everything(database)


def test_restore_refuses_a_site_with_data_unless_forced(
    filled: Site, make_site: Callable[..., Site], tmp_path: Path
) -> None:
    settings, database = filled
    backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    target_settings, target = make_site("target")
    with target.transaction() as session:
        stranger = factories.make_user(session, "Stranger")
    (target_settings.files / "ab").mkdir(parents=True)
    (target_settings.files / "ab" / "left").write_text("left behind")
    before = everything(target)
    with pytest.raises(backup.BackupError, match="This site has data"):
        backup.restore_backup(target, target_settings, tmp_path / "site.backup")
    assert everything(target) == before
    backup.restore_backup(target, target_settings, tmp_path / "site.backup", force=True)
    assert everything(target) == everything(database)
    assert stranger.email not in str(everything(target))
    assert not (target_settings.files / "ab" / "left").exists()


def test_the_logo_is_in_the_backup_however_old_it_is(
    filled: Site, make_site: Callable[..., Site], tmp_path: Path
) -> None:
    settings, database = filled
    store = files.FileStore(settings.files)
    logo = store.stage(io.BytesIO(PNG + b"logo"), "logo.png", accept=["image"], most_bytes=1000)
    with database.transaction() as session:
        site = change_site(
            session, names={"en": "Prize"}, taglines={}, contact_email="", contact_address={}, by=None, now=NOW
        )
        change_logo(session, site, logo, by=None, now=NOW)
    later = NOW + timedelta(days=400)
    retention.sweep_files(database, store, later)
    made = backup.write_backup(database, settings, tmp_path / "site.backup", now=later)
    assert made.rows["stored_file"] == 1  # the other one belongs to nothing
    target_settings, target = make_site("target")
    backup.restore_backup(target, target_settings, tmp_path / "site.backup")
    assert files.FileStore(target_settings.files).path(logo.sha256).read_bytes() == PNG + b"logo"


def test_a_running_site_is_not_restored_into(filled: Site, make_site: Callable[..., Site], tmp_path: Path) -> None:
    settings, database = filled
    backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    target_settings, target = make_site("target")
    with serving.hold(target_settings.instance), serving.hold(target_settings.instance):
        with pytest.raises(backup.BackupError, match="is running"):
            backup.restore_backup(target, target_settings, tmp_path / "site.backup", force=True)
        assert backup.is_empty(target, target_settings)
    hold = serving.hold(target_settings.instance)
    with serving.hold(target_settings.instance, alone=True), pytest.raises(BlockingIOError), hold:
        pass  # nor is it started meanwhile
    backup.restore_backup(target, target_settings, tmp_path / "site.backup")


@pytest.mark.parametrize("kind", ["file", "row"])
def test_a_site_is_empty_until_it_has_a_row_or_an_upload(make_site: Callable[..., Site], kind: str) -> None:
    settings, database = make_site("new")
    assert backup.is_empty(database, settings)
    if kind == "file":
        (settings.files / "ab").mkdir(parents=True)
        assert backup.is_empty(database, settings)
        (settings.files / "ab" / "c").write_text("x")
    else:
        with database.transaction() as session:
            factories.make_user(session)
    assert not backup.is_empty(database, settings)


def test_a_backup_never_replaces_a_file_and_is_private(filled: Site, tmp_path: Path) -> None:
    settings, database = filled
    target = tmp_path / "site.backup"
    backup.write_backup(database, settings, target, now=NOW)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    content = target.read_bytes()
    with pytest.raises(backup.BackupError, match="exists already"):
        backup.write_backup(database, settings, target, now=NOW)
    assert target.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["site.backup"]


def test_a_backup_with_a_missing_upload_or_without_tables_is_refused(
    filled: Site, make_site: Callable[..., Site], tmp_path: Path
) -> None:
    settings, database = filled
    sha256 = hashlib.sha256(PNG).hexdigest()
    (settings.files / sha256[:2] / sha256).unlink()
    with pytest.raises(backup.BackupError, match=f"The upload {sha256} is missing"):
        backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    bare_settings, bare = make_site("bare", tables=False)
    with pytest.raises(backup.BackupError, match="no tables yet"):
        backup.write_backup(bare, bare_settings, tmp_path / "site.backup", now=NOW)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def rewrite(source: Path, target: Path, name: str, content: bytes | None) -> None:
    """Copy a backup with one member changed, or without it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        if content is not None:
            new.writestr(name, content)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("tables/entry.jsonl", b"{}\n", "tables/entry.jsonl in the backup is damaged"),
        ("tables/entry.jsonl", None, "incomplete or was added to: tables/entry.jsonl"),
        ("../../evil", b"x", "incomplete or was added to: ../../evil"),
        ("manifest.json", b'{"format": 99}', "has format 99"),
        ("manifest.json", b"not json", "is not a readable backup"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_the_site_alone(
    filled: Site, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    settings, database = filled
    backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    rewrite(tmp_path / "site.backup", tmp_path / "damaged.backup", name, content)
    before = everything(database)
    with pytest.raises(backup.BackupError, match=sentence):
        backup.restore_backup(database, settings, tmp_path / "damaged.backup", force=True)
    assert everything(database) == before


def test_what_is_no_backup_is_refused(make_site: Callable[..., Site], tmp_path: Path) -> None:
    settings, database = make_site("new")
    (tmp_path / "note.txt").write_text("hello")
    for source in (tmp_path / "note.txt", tmp_path / "missing"):
        with pytest.raises(backup.BackupError, match="is not a readable backup"):
            backup.restore_backup(database, settings, source)


def test_a_backup_of_a_newer_program_is_refused(filled: Site, make_site: Callable[..., Site], tmp_path: Path) -> None:
    settings, database = filled
    with database.engine.connect().execution_options(portal_writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '2999_01_01'"))
    backup.write_backup(database, settings, tmp_path / "site.backup", now=NOW)
    target_settings, target = make_site("target")
    with pytest.raises(backup.BackupError, match="revision 2999_01_01, which this program does not know"):
        backup.restore_backup(target, target_settings, tmp_path / "site.backup")
    assert backup.is_empty(target, target_settings)


def test_the_commands_move_a_site_and_build_its_index_anew(
    filled: Site, make_site: Callable[..., Site], tmp_path: Path
) -> None:
    settings, database = filled
    copy = CaseCopy(
        kind="prize-entry", award="Prize", year=2025, city="Baguio", country="PH", original_language="en",
        texts={"en": Telling("Health system", "A city keeps well.")}, visible_from=NOW,
    )  # fmt: skip
    with database.transaction() as session:
        add_case(session, copy, by=None, now=NOW)
    target_settings, target = make_site("target", tables=False)
    file = str(tmp_path / "site.backup")
    here = create_app(settings).test_cli_runner()
    there = create_app(target_settings).test_cli_runner()

    saved = here.invoke(args=["backup", file])
    assert (saved.exit_code, saved.output.startswith("Saved ")) == (0, True)
    again = here.invoke(args=["backup", file])
    assert (again.exit_code, again.output) == (1, f"Error: {file} exists already; a backup never replaces a file.\n")
    restored = there.invoke(args=["restore", file])
    assert (restored.exit_code, restored.output.startswith("Restored ")) == (0, True)
    assert "0 differences" in there.invoke(args=["library", "verify"]).output
    assert "1 cases" in there.invoke(args=["library", "search", "health"]).output
    refused = there.invoke(args=["restore", file])
    assert (refused.exit_code, "This site has data" in refused.output) == (1, True)
    assert there.invoke(args=["restore", "--force", file]).exit_code == 0
    assert everything(target) == everything(database)

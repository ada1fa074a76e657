"""Backup and restore: one file with every row, every upload and the instance's key, whatever the database engine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    inspect,
    select,
    text,
)  # fmt: skip
from sqlalchemy.types import TypeEngine

from portal import clock
from portal.config import Settings
from portal.db import Base, Database
from portal.library import finding
from portal.migrating import known_revisions, migrate
from portal.serving import hold
from portal.web import Portal

FORMAT = 1
BATCH = 500
_MANIFEST, _KEY = "manifest.json", "secret_key"


class BackupError(Exception):
    """A backup that cannot be made or restored; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds: its time, the revision of its tables, rows by table, number of files."""

    made_at: str
    revision: str
    rows: Mapping[str, int]
    files: int

    def __str__(self) -> str:
        return f"{sum(self.rows.values())} rows in {len(self.rows)} tables, {self.files} files"


def write_backup(database: Database, settings: Settings, target: Path, *, now: datetime) -> Summary:
    """Write everything into a new file, readable by its owner only.

    All rows come from one snapshot; uploads are never changed, so those that the snapshot names are read after it.
    Raises BackupError when the file exists, the tables are not there, or an upload is missing.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; a backup never replaces a file.")
    part = target.with_name(target.name + ".part")
    try:
        with open(part, "xb", opener=_private) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            summary = _write_archive(archive, database.engine, settings, now)
        with open(part, "rb") as written:
            os.fsync(written.fileno())
        os.link(part, target)  # unlike a rename it never replaces a file made in the meantime
    except FileExistsError as problem:
        raise BackupError(f"{problem.filename2 or problem.filename} exists already.") from problem
    finally:
        part.unlink(missing_ok=True)
    return summary


def check_backup(source: Path) -> Summary:
    """Read a whole backup and compare it with its own checksums, without touching the site.

    Raises BackupError for the first thing that is missing, damaged or unknown.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _read_manifest(archive)
            for name, checksum in manifest["checksums"].items():
                digest = hashlib.sha256()
                with archive.open(name) as member:
                    while chunk := member.read(1 << 16):
                        digest.update(chunk)
                if digest.hexdigest() != checksum:
                    raise BackupError(f"{name} in the backup is damaged.")
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as problem:
        raise BackupError(f"{source} is not a readable backup: {problem}") from problem
    return _summary(manifest)


def is_empty(database: Database, settings: Settings) -> bool:
    """Tell whether a site has no rows and no uploads; a migrated one that nobody has used is empty."""
    if settings.files.exists() and any(path.is_file() for path in settings.files.rglob("*")):
        return False
    tables = _reflect(database.engine)
    with database.engine.connect() as connection:
        return all(connection.execute(select(table).limit(1)).first() is None for table in tables)


def restore_backup(database: Database, settings: Settings, source: Path, *, force: bool = False) -> Summary:
    """Put the rows, uploads and key of a backup into a site whose server is stopped.

    The backup is checked as a whole first. Its rows go into tables of its own revision, which are brought up to date
    afterwards, so that a newer program restores older backups. Raises BackupError when the site is not empty (unless
    `force`, which deletes what is there) or is running, the backup is damaged, or it was made by a newer program.
    """
    summary = check_backup(source)
    if not force and not is_empty(database, settings):
        raise BackupError("This site has data. Restore into an empty one, or use --force to delete what is there.")
    known = known_revisions(database.engine)
    if summary.revision not in known:
        raise BackupError(f"The backup has tables of revision {summary.revision}, which this program does not know.")
    try:
        with hold(settings.instance, alone=True):
            _replace(database, settings, source, summary)
    except BlockingIOError as problem:
        raise BackupError("This site is running. Stop its server and its workers, then restore.") from problem
    return summary


# --- Commands ---------------------------------------------------------------------------------------------------------


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Write database, uploads and key into one new FILE, which the site may go on working beside."""
    site: Portal = current_app.extensions["portal"]
    try:
        summary = write_backup(site.database, site.settings, file, now=clock.now())
    except BackupError as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"Saved {summary} in {file}. It holds personal data and keys: keep it safe.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Delete the data that is there.")
@with_appcontext
def restore_command(file: Path, force: bool) -> None:
    """Put a backup FILE into this site; stop the server first."""
    site: Portal = current_app.extensions["portal"]
    try:
        summary = restore_backup(site.database, site.settings, file, force=force)
    except BackupError as problem:
        raise click.ClickException(str(problem)) from problem
    finding.rebuild(site.database, finding.finder_at(site.settings).engine, clock.now())
    click.echo(f"Restored {summary}, saved at {summary.made_at}. The search index is built anew.")


# --- Writing ----------------------------------------------------------------------------------------------------------


def _write_archive(archive: zipfile.ZipFile, engine: Engine, settings: Settings, now: datetime) -> Summary:
    """Write tables, files, key and manifest."""
    checksums: dict[str, str] = {}
    rows: dict[str, int] = {}
    with _snapshot(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            raise BackupError("The database has no tables yet; there is nothing to save.")
        revision: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        for table in Base.metadata.sorted_tables:
            member = f"tables/{table.name}.jsonl"
            with archive.open(member, "w", force_zip64=True) as file:
                rows[table.name], checksums[member] = _write_table(connection, table, file)
        stored = set(connection.scalars(select(Base.metadata.tables["stored_file"].c.sha256)))
        logo = Base.metadata.tables["site_settings"].c.logo_sha256  # older nights may have taken its row away
        stored |= set(connection.scalars(select(logo).where(logo.is_not(None))))
    for sha256 in sorted(stored):
        member = f"files/{sha256[:2]}/{sha256}"
        path = settings.files / sha256[:2] / sha256
        if not path.is_file():
            raise BackupError(f"The upload {sha256} is missing in {settings.files}.")
        archive.write(path, member)
        checksums[member] = sha256
    key = settings.instance / _KEY
    if key.is_file():
        archive.writestr(_KEY, key.read_bytes())
        checksums[_KEY] = hashlib.sha256(key.read_bytes()).hexdigest()
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "revision": revision,
        "rows": rows,
        "checksums": checksums,
    }
    archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return _summary(manifest)


def _snapshot(engine: Engine) -> Connection:
    """Open a connection whose reads all see one moment."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _write_table(connection: Connection, table: Table, file: IO[bytes]) -> tuple[int, str]:
    """Write the rows of a table, one JSON object a line; return their number and the checksum."""
    digest, count = hashlib.sha256(), 0
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)
    for row in connection.execute(query).mappings():
        line = json.dumps(dict(row), default=_plain, ensure_ascii=False).encode() + b"\n"
        file.write(line)
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def _plain(value: object) -> str:
    """Write what JSON has no word for; the column's type tells how to read it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"a value of type {type(value).__name__} cannot be saved")


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


# --- Reading ----------------------------------------------------------------------------------------------------------


def _replace(database: Database, settings: Settings, source: Path, summary: Summary) -> None:
    """Put what a backup holds in place of what is there."""
    _drop_tables(database.engine)
    shutil.rmtree(settings.files, ignore_errors=True)
    shutil.rmtree(settings.index, ignore_errors=True)
    migrate(database.engine, "upgrade", summary.revision)
    with zipfile.ZipFile(source) as archive:
        _load_rows(archive, database.engine, summary)
        _load_files(archive, settings)
    migrate(database.engine, "upgrade", "head")


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Read what the backup says about itself, and compare its list with what is there."""
    manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if manifest.get("format") != FORMAT:
        raise BackupError(f"The backup has format {manifest.get('format')!r}; this program reads {FORMAT}.")
    unknown = set(archive.namelist()) ^ {_MANIFEST, *manifest["checksums"]}
    if unknown:
        raise BackupError(f"The backup is incomplete or was added to: {sorted(unknown)[0]}.")
    return manifest


def _summary(manifest: Mapping[str, Any]) -> Summary:
    files = sum(name.startswith("files/") for name in manifest["checksums"])
    return Summary(manifest["made_at"], manifest["revision"], dict(manifest["rows"]), files)


def _load_rows(archive: zipfile.ZipFile, engine: Engine, summary: Summary) -> None:
    """Insert all rows in one transaction, parents before children."""
    tables = _reflect(engine)
    missing = {name for name, count in summary.rows.items() if count} - {table.name for table in tables}
    if missing:
        raise BackupError(f"The revision {summary.revision} has no table {sorted(missing)[0]}.")
    with engine.connect().execution_options(portal_writing=True) as connection, connection.begin():
        for table in tables:
            if not summary.rows.get(table.name):
                continue
            with archive.open(f"tables/{table.name}.jsonl") as file:
                for batch in _batches(table, file, engine.dialect.name):
                    connection.execute(table.insert(), batch)


def _batches(table: Table, file: IO[bytes], dialect: str) -> Iterator[list[dict[str, Any]]]:
    """Read rows back into the types of the columns, some hundreds at a time."""
    batch: list[dict[str, Any]] = []
    for line in io.TextIOWrapper(file, encoding="utf-8"):
        row = json.loads(line)
        batch.append({name: _typed(value, table.c[name].type, dialect) for name, value in row.items()})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _typed(value: Any, kind: TypeEngine[Any], dialect: str) -> Any:
    """Read a value as its column wants it."""
    if value is None:
        return None
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if dialect == "sqlite" else moment
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, Numeric) and isinstance(value, str):
        return Decimal(value)
    if isinstance(value, list) and not isinstance(kind, JSON):
        return ",".join(value)  # a list that its model keeps as text
    return value


def _load_files(archive: zipfile.ZipFile, settings: Settings) -> None:
    """Lay the uploads and the key into the instance folder; names come from checked checksums."""
    for name in archive.namelist():
        if name.startswith("files/"):
            sha256 = name.rpartition("/")[2]
            if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
                raise BackupError(f"{name} is not the name of an upload.")
            path = settings.files / sha256[:2] / sha256
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with archive.open(name) as member, open(path, "wb", opener=_private) as file:
                shutil.copyfileobj(member, file)
        elif name == _KEY:
            with open(settings.instance / _KEY, "wb", opener=_private) as file:
                file.write(archive.read(name))


# --- Tables -----------------------------------------------------------------------------------------------------------


def _reflect(engine: Engine) -> list[Table]:
    """Return the site's tables as the database has them now, parents before children."""
    metadata = MetaData()
    metadata.reflect(engine)
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True
    return tables


def _drop_tables(engine: Engine) -> None:
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect().execution_options(portal_writing=True) as connection, connection.begin():
        metadata.drop_all(connection)

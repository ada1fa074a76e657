"""The database: engine, typed base, session glue and the one place that commits."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Engine, MetaData, String, create_engine, event, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from portal import garbage

#: Waiting for another writer, and between two looks whether it has finished, in seconds.
BUSY_SECONDS, SECONDS_BETWEEN_TRIES = 30, 0.001

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return a public id: 13 random characters (65 bits) that tell neither count nor order."""
    number = secrets.randbits(65)
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(13))


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Use the native type with zone where there is one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; raise ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite forgets."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A short text in several languages: ``{"en": "Gold prize", "ko": "금상"}``.
type_json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment,
        dict[str, str]: type_json,
        dict[str, Any]: type_json,
        list[str]: type_json,
        list[Any]: type_json,
        str: String(),
    }


class PublicContent:
    """Marks a table whose rows anonymous pages show: a change makes every cached page stale."""


class ContentState(Base):
    """The version of all public content: one row, raised by every commit that changes what the public sees."""

    __tablename__ = "content_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class WriteWithoutDoor(RuntimeError):
    """A change was flushed outside a write transaction: ``writing()`` is missing in the view."""


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str, *, echo: bool = False) -> None:
        garbage.collect_only_between()
        self.engine = _make_engine(url, echo=echo)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False, class_=DoorSession)

    def open(self) -> Session:
        """Return a session for reading; it writes only after ``begin_writing``."""
        return self.sessions()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open one write transaction for a command or a job and commit it at the end."""
        with self.sessions() as session:
            begin_writing(session)
            yield session
            commit(session)


class DoorSession(Session):
    """A session that refuses to write before ``begin_writing``; garbage is collected when it has let go of its rows."""

    def close(self) -> None:
        """Let go of all rows and of the connection."""
        super().close()
        garbage.collect_if_due()


def begin_writing(session: Session) -> Session:
    """End the reading snapshot and open the write transaction; loaded rows are read again on their next use.

    On SQLite this is BEGIN IMMEDIATE, so that two writers wait for each other instead of failing.
    """
    if not session.info.get("writing"):
        session.rollback()
        session.info["writing"] = True
        session.connection(execution_options={"portal_writing": True})
    return session


def is_writing(session: Session) -> bool:
    """Tell whether the write transaction is open."""
    return bool(session.info.get("writing"))


def commit(session: Session) -> None:
    """Commit the unit of work: this and ``audit.record`` are the only commit sites."""
    session.commit()
    session.info.pop("writing", None)


@event.listens_for(DoorSession, "after_rollback")
def _forget_writing(session: Session) -> None:
    session.info.pop("writing", None)
    session.info.pop("public_changed", None)


@event.listens_for(DoorSession, "before_flush")
def _refuse_unopened_flush(session: Session, *_: object) -> None:
    if not session.info.get("writing"):
        raise WriteWithoutDoor("A change was made outside a write transaction.")


@event.listens_for(DoorSession, "do_orm_execute")
def _refuse_unopened_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get("writing"):
        raise WriteWithoutDoor("A change was made outside a write transaction.")
    if (state.is_insert or state.is_update or state.is_delete) and state.bind_mapper is not None:
        if issubclass(state.bind_mapper.class_, PublicContent):
            state.session.info["public_changed"] = True


@event.listens_for(DoorSession, "after_flush")
def _notice_public_change(session: Session, *_: object) -> None:
    if any(isinstance(thing, PublicContent) for thing in (*session.new, *session.dirty, *session.deleted)):
        session.info["public_changed"] = True


@event.listens_for(DoorSession, "before_commit")
def _raise_content_version(session: Session) -> None:
    session.flush()
    if session.info.pop("public_changed", False):
        raised = update(ContentState).where(ContentState.id == 1).values(version=ContentState.version + 1)
        if session.connection().execute(raised).rowcount == 0:
            session.connection().execute(insert(ContentState).values(id=1, version=1))


def insert_missing(session: Session, table: type[Base], values: Mapping[str, Any], *, unique: str) -> None:
    """Insert a row unless one has the same unique value; somebody else may insert it at this very moment."""
    made = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(made(table).values(**values).on_conflict_do_nothing(index_elements=[unique]))


def _make_engine(url: str, *, echo: bool) -> Engine:
    """Make the engine; its errors name statements without their values, since errors stand in logs."""
    if url.startswith("sqlite"):
        connect = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, echo=echo, hide_parameters=not echo, connect_args=connect)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, echo=echo, hide_parameters=not echo, pool_size=4, max_overflow=8)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own default oversells seats
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA temp_store=MEMORY")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("portal_writing", False):
        connection.exec_driver_sql("BEGIN DEFERRED")
        return
    # SQLite's own waiting sleeps longer and longer, so that whoever came last is first and the rest waits for nobody.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    until = time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(SECONDS_BETWEEN_TRIES)
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")

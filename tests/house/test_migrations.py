"""The migrations: up gives exactly the models' tables, down takes them away again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from portal.config import ROOT, Settings
from portal.db import Base, Database


def flask(settings: Settings, instance: Path, *arguments: str) -> str:
    environ = {**os.environ, "PORTAL_INSTANCE": str(instance)}
    environ.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "flask", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_migrations_give_the_models_tables_and_go_back(settings: Settings, tmp_path: Path) -> None:
    flask(settings, tmp_path, "db", "upgrade")
    database = Database(f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
        connection.rollback()
    database.engine.dispose()
    flask(settings, tmp_path, "db", "downgrade", "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    database.engine.dispose()


@pytest.mark.parametrize("path", sorted((ROOT / "migrations" / "versions").glob("*.py")), ids=lambda path: path.name)
def test_migrations_bear_their_date(path: Path) -> None:
    assert path.name[:10].replace("_", "").isdecimal()

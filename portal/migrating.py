"""Alembic in this house, loaded only when tables are brought to a revision, since a web process never migrates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from portal.config import ROOT


def migrate(engine: Engine, act: str, *arguments: Any, **options: Any) -> None:
    """Call one of Alembic's commands (``upgrade``, ``downgrade``, ``revision``) for a database."""
    from alembic import command

    getattr(command, act)(_config(engine), *arguments, **options)


def known_revisions(engine: Engine) -> set[str]:
    """Return the revisions of the tables that this program knows."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config(engine)).walk_revisions()}


def _config(engine: Engine) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    return config

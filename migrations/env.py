"""Alembic's door: the tables of all rooms against the site's database."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import JSON

import submissions.models  # noqa: F401
from portal.db import Base, Moment


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our own column type by its name."""
    if kind == "type" and isinstance(item, Moment):
        autogen_context.imports.add("from portal.db import Moment")
        return "Moment()"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from portal.db import type_json")
        return "type_json"
    if kind == "type" and type(item).__name__ == "AsaList":
        autogen_context.imports.add("from flask_security import AsaList")
        return "AsaList()"
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave tables alone that are not ours."""
    return kind != "table" or name in Base.metadata.tables


engine = context.config.attributes["engine"]
with engine.connect().execution_options(portal_writing=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()

"""What every page of the editors' desk needs: its blueprint, the case at hand, names and values in words."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint

from portal.errors import Hidden
from portal.i18n import choose
from portal.library.desk import editorial, naming
from portal.library.models import Case
from portal.web import language, portal, session

#: By these names a picture is known in a value of the history.
PICTURE = {"file", "credit", "alts"}

pages = Blueprint("staff_library", __name__, url_prefix="/<lang:lang>/staff/library")


def case_of(case_id: str, *, lock: bool = False) -> Case:
    """Return a case in whatever state; raise Hidden when there is none."""
    case = editorial.get_case(session(), case_id, lock=lock)
    if case is None:
        raise Hidden
    return case


def title_of(case: Case) -> Any:
    """Return the title of a case for this editor."""
    return choose({text.language: text.title for text in case.texts}, language().tag, case.original_language)


def name_of(name: str) -> str:
    """Return the words for a name of the record."""
    return naming.name_of(name, portal().languages)


def shown(value: Any) -> str:
    """Return a value of a record as the editors compare it."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, list) and all(isinstance(one, dict) and one.keys() == PICTURE for one in value):
        return "\n".join(f"{choose(one['alts'], language().tag).text} ({one['credit']})" for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)

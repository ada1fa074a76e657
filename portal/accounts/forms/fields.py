"""Fields that the forms of accounts share, and how what is typed there is read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wtforms import PasswordField, SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from portal.accounts.rules import is_of_this_site
from portal.web import portal


def stripped(value: str | None) -> str | None:
    """Take the space around typed text away."""
    return value.strip() if isinstance(value, str) else value


def required(message: Any) -> list[Any]:
    """Return the validators of a field that must be filled, spaces alone not counting."""
    return [InputRequired(message), Regexp(r".*\S", message=message)]


def languages() -> list[SelectChoice]:
    """Return the offered languages, each by its own name."""
    return [SelectChoice(one.tag, one.name) for one in portal().languages.values()]


def password_field(label: Any, message: Any, *, new: bool) -> PasswordField:
    """Return a field for a password; what is typed is never sent back."""
    return PasswordField(
        label, validators=[InputRequired(message), Length(max=1000)],
        render_kw={"autocomplete": "new-password" if new else "current-password"},
    )  # fmt: skip


class NextField:
    """A form that leads on to the wanted page, on this site only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = self.next  # type: ignore[attr-defined]
        if wanted.data and not is_of_this_site(wanted.data):
            wanted.data = ""


def one_of(value: str, allowed: Collection[str]) -> str:
    """Return a filter's value if it is one that the page offers, else nothing."""
    return value if value in allowed else ""

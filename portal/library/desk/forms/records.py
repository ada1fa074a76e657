"""The form that shows a part of a case's record and gives back what was typed for it."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField

from portal.errors import Refusal
from portal.forms import Form, small_number, translated
from portal.library.desk.forms.fields import Lines, stripped


class RecordForm(Form):
    """Base of forms about a record; ``seen`` is the version that is being edited."""

    seen = HiddenField()
    version_note = StringField(lazy_gettext("What you changed, for readers of the history"), filters=[stripped])

    @abstractmethod
    def changes(self) -> dict[str, Any]:
        """Return what was typed, by the names of the record."""

    @classmethod
    @abstractmethod
    def data_of(cls, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Return a flat record as the fields show it."""

    def seen_version(self) -> int | None:
        """Return the version that was being edited."""
        return small_number(self.seen.data)

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at its field, and at its cell when it is about a line."""
        where = (refusal.field or "").removeprefix("details.")
        name, _, rest = where.partition("[")
        field = self._fields.get(name) or self._fields.get(name.replace(".", "_"))
        if field is None:
            super().refuse(refusal)
            return
        name_in_words(refusal, field)
        field.errors = [*field.errors, translated(refusal)]
        if isinstance(field, Lines) and (place := re.match(r"(\d+)\]\.?([a-z_]*)", rest)):
            column = place[2] or str(refusal.values.get("name", ""))
            cell = next((one.key for one in field.columns if one.key.split("_")[0] == column.split("_")[0]), column)
            field.cell_errors = [*field.cell_errors, (translated(refusal), (int(place[1]), cell))]


def name_in_words(refusal: Refusal, field: Any) -> None:
    """Let a refusal call a field as the page calls it, not as a record does."""
    if refusal.values.get("where") == refusal.field and not isinstance(field, Lines):
        refusal.values["where"] = field.label.text

"""Forms of files that editors bring: a picture, records to import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext
from wtforms import FileField, StringField

from portal.forms import Form
from portal.i18n import Language
from portal.library.desk.forms.fields import stripped


def picture_form(languages: Sequence[Language], *, with_file: bool) -> type[Form]:
    """Return the form of a picture: the file, its credit, and its words per language."""
    fields: dict[str, Any] = {"picture": FileField(lazy_gettext("Picture"))} if with_file else {}
    fields["credit"] = StringField(lazy_gettext("Who made the picture?"), filters=[stripped])
    fields |= {
        f"alt_{one.tag}": StringField(
            lazy_gettext("What can be seen? (%(language)s)", language=one.name), filters=[stripped]
        )
        for one in languages
    }
    return type("PictureForm", (Form,), fields)


class ImportForm(Form):
    """A file of records."""

    file = FileField(lazy_gettext("File (JSON or CSV)"))

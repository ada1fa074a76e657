"""Reads of stored forms."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.definitions.models import FormDefinition
from portal.definitions.rules import Definition, read_definition

#: Checked definitions are kept: a version of a form never changes, only a new version does.
_kept: dict[tuple[str, int], Definition] = {}
_MOST_KEPT = 256


def get_form(session: Session, *, edition_id: str, category_key: str, applicant_type: str) -> FormDefinition | None:
    """Return the newest form for a category and an applicant type."""
    found = [
        form
        for form in list_forms(session, edition_id)
        if category_key in form.category_keys and applicant_type in form.applicant_types
    ]
    return found[0] if found else None


def get_form_by_key(session: Session, *, edition_id: str, key: str) -> FormDefinition | None:
    """Return the newest version of a form."""
    query = select(FormDefinition).where(FormDefinition.edition_id == edition_id, FormDefinition.key == key)
    return session.scalars(query.order_by(FormDefinition.version.desc())).first()


def list_forms(session: Session, edition_id: str) -> list[FormDefinition]:
    """Return the newest version of each form of an edition, in the order of their keys."""
    query = select(FormDefinition).where(FormDefinition.edition_id == edition_id)
    newest: dict[str, FormDefinition] = {}
    for form in session.scalars(query.order_by(FormDefinition.key, FormDefinition.version.desc())):
        newest.setdefault(form.key, form)
    return list(newest.values())


def get_definition(form: FormDefinition) -> Definition:
    """Return the checked definition of a form, kept between requests; raise DefinitionError when it is unusable."""
    key = (form.id, form.version)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        found = _kept[key] = read_definition(form.definition)
    return found

"""The form of a rule set: criteria with their weights and guidance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from judging.staff_forms.fields import LONG, build_form, in_languages, texts_of
from portal.editions.models import Category, Criterion
from portal.editions.rules import CriterionDraft, criteria_for
from portal.forms import Form
from portal.i18n import Language

#: The group of criteria that all categories share, in field names.
SHARED = "all"


def criteria_form(
    groups: Mapping[str, Sequence[Criterion]], languages: Sequence[Language], aggregation: str, scale_max: int
) -> type[Form]:
    """Return the form of a rule set: every group's criteria and one empty place at its end."""
    fields: dict[str, Any] = {
        "aggregation": SelectField(
            _("How several judges become one total"),
            choices=[
                ("mean", _("Mean of all judges")), ("median", _("Median of all judges")),
                ("trimmed-mean", _("Mean without the highest and the lowest fifth")),
            ],
            default=aggregation,
        ),
        "scale_max": IntegerField(
            _("Highest score"), [InputRequired(_("Please give a number.")), NumberRange(1, 100)], default=scale_max
        ),
    }  # fmt: skip
    for group, criteria in groups.items():
        for place in range(len(criteria) + 1):
            one = criteria[place] if place < len(criteria) else None
            stem = f"{group}_{place}"
            fields |= in_languages(f"{stem}_label", _("Criterion"), languages, one.labels if one else {})
            fields[f"{stem}_weight"] = IntegerField(
                _("Weight"), [Optional(), NumberRange(0, 100)], default=one.weight if one else None
            )
            fields |= in_languages(
                f"{stem}_guidance", _("Guidance"), languages, one.guidance if one else {}, kind=TextAreaField, most=LONG
            )
    return build_form(fields)


def criteria_groups(criteria: Sequence[Criterion], categories: Iterable[Category]) -> dict[str, Sequence[Criterion]]:
    """Return group → criteria: those shared by all categories, then each category's own."""
    shared = [one for one in criteria if one.category_key is None]
    own = {
        category.key: [one for one in criteria_for(criteria, category.key) if one.category_key is not None]
        for category in categories
    }
    return {SHARED: shared, **{key: listed for key, listed in own.items() if listed}}


def criteria_of(
    form: Form, groups: Mapping[str, Sequence[Criterion]], languages: Sequence[Language]
) -> list[CriterionDraft]:
    """Return the criteria as typed; one whose names are all empty is left out."""
    drafts = []
    for group, criteria in groups.items():
        keys = [one.key for one in criteria]
        for place in range(len(criteria) + 1):
            stem = f"{group}_{place}"
            labels = texts_of(form, f"{stem}_label", languages)
            if not any(labels.values()):
                continue
            old = criteria[place] if place < len(criteria) else None
            number = place + 1
            while old is None and f"criterion-{number}" in keys:
                number += 1
            drafts.append(CriterionDraft(
                key=old.key if old else f"criterion-{number}", weight=form[f"{stem}_weight"].data or 0, labels=labels,
                guidance=texts_of(form, f"{stem}_guidance", languages), category_key=None if group == SHARED else group,
                anchors=old.anchors if old else {},
            ))  # fmt: skip
    return drafts

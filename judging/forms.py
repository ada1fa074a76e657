"""Forms of a judge: answering an invitation, declaring conflicts, filling in a score sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, HiddenField, PasswordField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from judging.queries.scorecards import Rubric, Sheet
from judging.rules import MOST_CHARACTERS, MOST_CHOICES, STEP, ConflictKind, is_on_scale
from portal.definitions.vocabulary import vocabularies
from portal.forms import Form, small_number
from portal.i18n import choose


def stripped(value: str | None) -> str | None:
    """Take the space around typed text away."""
    return value.strip() if isinstance(value, str) else value


def plain_lines(value: str | None) -> str:
    """Return text with the line ends that the database keeps; nothing else is changed."""
    return (value or "").replace("\r\n", "\n").replace("\r", "\n")


class NewJudgeForm(Form):
    """The account that an invited person makes while accepting."""

    name = StringField(
        lazy_gettext("Your name"),
        validators=[DataRequired(lazy_gettext("Enter your name.")), Length(max=120)], filters=[stripped],
        render_kw={"autocomplete": "name"},
    )  # fmt: skip
    password = PasswordField(
        lazy_gettext("Choose a password"), validators=[InputRequired(lazy_gettext("Enter a password."))],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip


class ReasonMissing:
    """Refuses an empty reason beside the kind that says nothing by itself."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError where words are needed."""
        if form[self.kind].data == ConflictKind.OTHER and not (field.data or "").strip():
            raise ValidationError(gettext("Please say in a few words what the conflict is."))


def conflict_choices(language: str) -> list[SelectChoice]:
    """Return the kinds of conflict in a language."""
    words = vocabularies()["conflict_kinds"]
    return [SelectChoice(kind.value, choose(words[kind], language).text) for kind in ConflictKind]


def conflicts_form(keys: Iterable[str], language: str) -> type[Form]:
    """Make a form that asks the kind and the reason of a conflict for each key (an entry or an organisation)."""
    message = lazy_gettext("Please choose the kind of conflict.")
    fields: dict[str, Any] = {}
    for key in keys:
        fields[f"kind_{key}"] = RadioField(
            lazy_gettext("Kind of conflict"), validators=[InputRequired(message)], invalid_choice_message=message,
            choices=conflict_choices(language),
        )  # fmt: skip
        fields[f"reason_{key}"] = TextAreaField(
            lazy_gettext("In a few words"), filters=[plain_lines],
            validators=[ReasonMissing(f"kind_{key}"), _length()],
        )  # fmt: skip
    return type("ConflictsForm", (Form,), fields)


class OnScale:
    """Refuses a score that is not a point of the scale."""

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError for anything else."""
        value = as_score(field.data)
        if value is None or not is_on_scale(value, self.minimum, self.maximum):
            raise ValidationError(
                gettext("A score is a whole number from %(low)s to %(high)s.", low=self.minimum, high=self.maximum)
            )


def as_score(text: str | None) -> Decimal | None:
    """Read a score as typed; None for nothing and for what is no number."""
    try:
        return Decimal(text.strip()) if text and text.strip() else None
    except InvalidOperation:
        return None


def score_form(rubric: Rubric) -> type[Form]:
    """Return the form of a score sheet: a score and a comment for each criterion, a note, and the revision it shows."""
    return _score_form(tuple(criterion.id for criterion in rubric.criteria), rubric.scale_min, rubric.scale_max)


@lru_cache(maxsize=64)
def _score_form(criteria: tuple[str, ...], low: int, high: int) -> type[Form]:
    points = [str(Decimal(low) + step * STEP) for step in range(int((high - low) / STEP) + 1)]
    fields: dict[str, Any] = {"revision": HiddenField(default="0")}
    for key in criteria:
        validators = [Optional(), OnScale(low, high)]
        if len(points) <= MOST_CHOICES:
            fields[f"score_{key}"] = RadioField(
                lazy_gettext("Score"), validators=validators, validate_choice=False,
                choices=[SelectChoice(point, point) for point in points],
            )  # fmt: skip
        else:
            fields[f"score_{key}"] = StringField(lazy_gettext("Score"), validators=validators)
        fields[f"comment_{key}"] = TextAreaField(lazy_gettext("Comment"), filters=[plain_lines], validators=[_length()])
    fields["note"] = TextAreaField(lazy_gettext("Your own note"), filters=[plain_lines], validators=[_length()])
    return type("ScoreForm", (Form,), fields)


def _length() -> Length:
    return Length(max=MOST_CHARACTERS, message=lazy_gettext("Please use at most %(max)d characters."))


def values_of(sheet: Sheet) -> dict[str, str | None]:
    """Return what a score sheet's form shows of a stored sheet."""
    values: dict[str, str | None] = {"revision": str(sheet.revision), "note": sheet.note}
    for key, value in sheet.scores.items():
        values[f"score_{key}"] = None if value is None else format(value.normalize(), "f")
    return values | {f"comment_{key}": comment for key, comment in sheet.comments.items()}


def scores_of(form: Form, rubric: Rubric) -> dict[str, tuple[Decimal | None, str]]:
    """Return the scores and comments of a checked form."""
    return {
        criterion.id: (as_score(form[f"score_{criterion.id}"].data), form[f"comment_{criterion.id}"].data)
        for criterion in rubric.criteria
    }


def typed_sheet(form: Form, rubric: Rubric) -> Mapping[str, tuple[str, str]]:
    """Return what stands in a form as typed, checked or not: criterion id → score and comment."""
    return {
        criterion.id: (form[f"score_{criterion.id}"].data or "", form[f"comment_{criterion.id}"].data or "")
        for criterion in rubric.criteria
    }


def revision_of(form: Form) -> int:
    """Return the revision that the page showed; -1 for a broken value, which fits no sheet."""
    number = small_number(form["revision"].data)
    return -1 if number is None else number

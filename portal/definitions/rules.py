"""What a stored form definition may say: sections, fields and their limits, checked before it is kept or used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from portal.definitions.vocabulary import vocabularies

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=60)]
#: Names that a question may not have, since the page's form uses them itself.
RESERVED = frozenset(
    """
    data errors validate process populate_obj meta refuse form_errors
    csrf_token revision shown go add_row remove_row attach
    """.split()  # noqa: SIM905 - a list of words reads better as words
)


class DefinitionError(ValueError):
    """A definition that cannot be used; its text names each place and what is wrong there."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


def _has_text(texts: Mapping[str, str]) -> bool:
    return any(text.strip() for text in texts.values())


class Option(_Part):
    """One answer to choose."""

    value: Value
    label: dict[str, str]


class _Question(_Part):
    key: Key
    label: dict[str, str]
    help: dict[str, str] = {}
    required: bool = False

    @model_validator(mode="after")
    def _is_worded(self) -> Self:
        if not _has_text(self.label):
            raise ValueError("a question needs a label")
        if self.key in RESERVED:
            raise ValueError(f"“{self.key}” cannot be the key of a question")
        return self


class _Written(_Question):
    max_characters: int | None = Field(default=None, gt=0, le=20_000)
    max_words: int | None = Field(default=None, gt=0, le=4_000)

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if self.max_characters and self.max_words:
            raise ValueError("a limit counts either characters or words")
        return self


class TextField(_Written):
    """One line."""

    kind: Literal["text"]


class ParagraphField(_Written):
    """Several lines."""

    kind: Literal["paragraph"]


class _Chosen(_Question):
    options: tuple[Option, ...] = ()
    vocabulary: str | None = None

    @model_validator(mode="after")
    def _has_options(self) -> Self:
        if bool(self.options) == (self.vocabulary is not None):
            raise ValueError("a choice has either options or a vocabulary")
        if self.vocabulary is not None and self.vocabulary not in vocabularies():
            raise ValueError(f"there is no vocabulary “{self.vocabulary}”")
        if len({option.value for option in self.options}) != len(self.options):
            raise ValueError("an option stands twice")
        return self

    @cached_property
    def choices(self) -> dict[str, Mapping[str, str]]:
        """Value → text per language, in order."""
        if self.vocabulary is not None:
            return dict(vocabularies()[self.vocabulary])
        return {option.value: option.label for option in self.options}


class ChoiceField(_Chosen):
    """One of several answers."""

    kind: Literal["choice"]


class ChoicesField(_Chosen):
    """Some of several answers."""

    kind: Literal["choices"]
    min_choices: int = Field(default=0, ge=0)
    max_choices: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        most = self.max_choices or len(self.choices)
        if not self.min_choices <= most <= len(self.choices):
            raise ValueError("the least and the most choices do not fit the options")
        return self


class NumberField(_Question):
    """A number."""

    kind: Literal["number"]
    min: float | None = None
    max: float | None = None
    unit: dict[str, str] = {}

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("the least number is greater than the greatest")
        return self


class DateField(_Question):
    """A day."""

    kind: Literal["date"]


class CountryField(_Question):
    """A country of ISO 3166-1."""

    kind: Literal["country"]


class EmailField(_Question):
    """An e-mail address."""

    kind: Literal["email"]


class UrlField(_Question):
    """A web address."""

    kind: Literal["url"]


class PhoneField(_Question):
    """A telephone number."""

    kind: Literal["phone"]


class ConsentField(_Question):
    """A sentence to agree to; where it is required, only a yes counts."""

    kind: Literal["consent"]


Column = Annotated[
    TextField | ChoiceField | NumberField | DateField | CountryField | EmailField | UrlField | PhoneField,
    Field(discriminator="kind"),
]


class TableField(_Question):
    """Rows of answers, one column for each part."""

    kind: Literal["table"]
    columns: tuple[Column, ...] = Field(min_length=1, max_length=8)
    min_rows: int = Field(default=0, ge=0)
    max_rows: int = Field(default=10, gt=0, le=50)

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.min_rows > self.max_rows:
            raise ValueError("the least rows are more than the most")
        if len({column.key for column in self.columns}) != len(self.columns):
            raise ValueError("a column stands twice")
        return self

    @property
    def least_rows(self) -> int:
        """How many rows must be filled."""
        return max(self.min_rows, 1 if self.required else 0)


class FilesField(_Question):
    """Attachments."""

    kind: Literal["files"]
    max_files: int = Field(default=1, gt=0, le=20)
    accept: tuple[Literal["pdf", "image", "office"], ...] = Field(min_length=1)
    max_megabytes: int = Field(default=5, gt=0, le=50)

    @property
    def takes_only_images(self) -> bool:
        """Whether photographs are asked for: they need a credit and a description."""
        return self.accept == ("image",)


AnyField = Annotated[
    TextField | ParagraphField | ChoiceField | ChoicesField | NumberField | DateField | CountryField | EmailField
    | UrlField | PhoneField | ConsentField | TableField | FilesField,
    Field(discriminator="kind"),
]  # fmt: skip


class Section(_Part):
    """A page of questions. Judges do not see a private one."""

    key: Key
    title: dict[str, str]
    intro: dict[str, str] = {}
    private: bool = False
    criteria: tuple[str, ...] = ()
    fields: tuple[AnyField, ...] = Field(min_length=1)

    @cached_property
    def by_key(self) -> dict[str, AnyField]:
        """The section's fields by key."""
        return {field.key: field for field in self.fields}


class Definition(_Part):
    """A whole form."""

    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        for what, keys in (
            ("section", [section.key for section in self.sections]),
            ("question", [field.key for section in self.sections for field in section.fields]),
        ):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(f"the {what} “{twice[0]}” stands twice")
        return self

    @cached_property
    def fields(self) -> dict[str, AnyField]:
        """All fields by key."""
        return {field.key: field for section in self.sections for field in section.fields}

    def section(self, key: str) -> Section | None:
        """Return a section by its key."""
        return next((section for section in self.sections if section.key == key), None)

    def section_of(self, field: str) -> Section | None:
        """Return the section that holds a field."""
        return next((section for section in self.sections if field in section.by_key), None)


def read_definition(raw: Mapping[str, Any]) -> Definition:
    """Check a stored definition and return it; raise DefinitionError naming every place that is wrong."""
    try:
        return Definition.model_validate(raw)
    except ValidationError as problem:
        places = [error["loc"] for error in problem.errors()]
        within = {place[:size] for place in places for size in range(len(place))}
        lines = [
            f"{_place(raw, error['loc'])}: {_plain(error['msg'])}"
            for error in problem.errors()
            if error["loc"] not in within
        ]
        raise DefinitionError("\n".join(lines)) from problem


def _place(raw: Any, path: tuple[int | str, ...]) -> str:
    """Name a place by the keys of its section and field rather than by numbers."""
    names, here = [], raw
    for step in path:
        if isinstance(here, Mapping) and step not in here and step == here.get("kind"):
            continue  # pydantic names the kind that it chose
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            here = None
        key = here.get("key") if isinstance(here, Mapping) else None
        names.append(f"“{key}”" if key else f"number {step + 1}" if isinstance(step, int) else str(step))
    return " › ".join(names) or "the form"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")

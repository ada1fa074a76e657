"""What a case tells beside its texts, prepared for readers: amounts, moments, words of the vocabularies, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from portal.definitions.vocabulary import vocabularies
from portal.i18n import choose
from portal.library import details
from portal.library.details import Budget, Details, Statement
from portal.library.models import Case
from portal.library.pages.cards import pages
from portal.markdown import render
from portal.templating import day
from portal.web import language

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DEEPER = str.maketrans({"2": "3", "3": "4", "4": "5"})


def details_of(case: Case) -> Details:
    """Return what a case tells beside its texts."""
    return details.load(Details, case.details)


@dataclass(frozen=True, slots=True)
class Subject:
    """What sources say about one subject, side by side; they differ when there is more than one text."""

    name: Mapping[str, str]
    statements: list[Statement]

    @property
    def is_disputed(self) -> bool:
        """Whether sources say different things."""
        return len({tuple(sorted(one.text.items())) for one in self.statements}) > 1


def by_subject(statements: Sequence[Statement]) -> list[Subject]:
    """Put statements about the same subject together, in the order in which the subjects first appear."""
    subjects: dict[tuple[tuple[str, str], ...], Subject] = {}
    for one in statements:
        key = tuple(sorted(one.subject.items()))
        subjects.setdefault(key, Subject(one.subject, [])).statements.append(one)
    return list(subjects.values())


@pages.app_template_filter("money")
def money(budget: Budget) -> str:
    """Show an amount in full with the name of its currency."""
    whole, locale = budget.amount == budget.amount.to_integral_value(), language().locale
    pattern = "#,##0" if whole else "#,##0.00"
    if budget.currency == "KRW":  # CLDR's Korean name says whose won it is, which no Korean writes
        return _("%(amount)s South Korean won", amount=format_decimal(budget.amount, pattern, locale=locale))
    return format_currency(
        budget.amount, budget.currency, pattern, locale=locale, format_type="name", currency_digits=False
    )


@pages.app_template_filter("quantity")
def quantity(value: Decimal) -> str:
    """Show a measured number with the decimals it was given with, at most three."""
    return format_decimal(value, "#,##0.###", locale=language().locale)


@pages.app_template_filter("partial_day")
def partial_day(text: str) -> str | Markup:
    """Show a year, a month or a day as it was given; anything else stays as it is."""
    try:
        if month := _MONTH.fullmatch(text):
            shown = format_skeleton("yMMMM", date(int(month[1]), int(month[2]), 1), locale=language().locale)
            return Markup('<time datetime="{}">{}</time>').format(text, shown)
        return day(date.fromisoformat(text)) if _DAY.fullmatch(text) else text
    except ValueError:
        return text


@pages.app_template_filter("word_of")
def word_of(value: object, name: str) -> str:
    """Return the reader's word for a value of a vocabulary; an unknown value stays as it is."""
    found = vocabularies().get(name, {}).get(str(value))
    return choose(found, language().tag).text if found else str(value)


@pages.app_template_filter("part")
def part(markdown: str) -> Markup:
    """Turn a part of a case into safe HTML; its headings stand below those of the page."""
    return Markup(re.sub(r"(?<=<h)[234]|(?<=</h)[234]", lambda found: found[0].translate(_DEEPER), render(markdown)))

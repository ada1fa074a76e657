"""Categories and prizes come and go, as long as the call has not opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import audit
from portal.definitions.vocabulary import vocabularies
from portal.editions.actions.rules import check_applicants, new_categories, new_prizes, refuse_frozen
from portal.editions.models import Category, Edition, Prize
from portal.errors import Refusal
from portal.i18n import sentence

#: The rank of what stands on top of any entry, and therefore in no category; and the one that is no prize.
MENTION, NO_PRIZE = "special-mention", "finalist"


def add_category(
    session: Session, edition: Edition, template: Mapping[str, Any], *, key: str, applicant_types: Iterable[str],
    by: str | None, now: datetime,
) -> Category:  # fmt: skip
    """Add one of the prize's categories that an edition does not have, with the template's words and prizes.

    Raises Refusal once the call has opened, for a category that is there already or that the prize does not know, and
    for applicant types that are unknown, none, or (where the public sees the edition) without an entry form.
    """
    _require_not_open(session, edition, now)
    known = [one["key"] for one in template["categories"]]
    if key not in known:
        raise Refusal(sentence("Please choose a category."), field="key")
    if any(one.key == key for one in edition.categories):
        raise Refusal(sentence("This edition has this category already."), field="key")
    told = template["categories"][known.index(key)]
    types = list(applicant_types)
    check_applicants(session, edition, key, types, field="applicant_types")
    (category,) = new_categories([told])
    category.applicant_types = types
    edition.categories.append(category)
    edition.categories.sort(key=lambda one: known.index(one.key) if one.key in known else len(known))
    for position, one in enumerate(edition.categories):
        one.position = position
    edition.prizes += [prize for prize in new_prizes(key, told["prizes"]) if prize.applicant_type in (None, *types)]
    _arrange(edition)
    session.flush()
    audit.note(session, "edition.add-category", f"edition:{edition.id}", by=by, now=now, category=key, types=types)
    return category


def remove_category(session: Session, edition: Edition, category: Category, *, by: str | None, now: datetime) -> None:
    """Remove a category and its prizes.

    Raises Refusal once the call has opened, for the last category, and when an entry has been begun in it.
    """
    _require_not_open(session, edition, now)
    if len(edition.categories) == 1:
        raise Refusal(sentence("An edition needs at least one category."))
    gone: Sequence[Category | Prize] = [
        *(prize for prize in edition.prizes if prize.category_key == category.key), category,
    ]  # fmt: skip
    edition.prizes = [prize for prize in edition.prizes if prize.category_key != category.key]
    edition.categories.remove(category)
    for one in gone:
        session.delete(one)
    _flush(session, Refusal(sentence("An entry has been begun in this category, so it cannot be removed.")))
    audit.note(session, "edition.remove-category", f"edition:{edition.id}", by=by, now=now, category=category.key)


def add_prize(
    session: Session, edition: Edition, *, rank: str, category_key: str | None, applicant_type: str | None, quota: int,
    names: Mapping[str, str], by: str | None, now: datetime,
) -> Prize:  # fmt: skip
    """Add a prize to a category, or (``category_key`` None) a special mention on top of any entry.

    It is called as its rank is where ``names`` say nothing. Raises Refusal once the call has opened, for a rank that
    does not fit, an applicant type that may not enter the category, a quota out of range, or a prize that is there.
    """
    _require_not_open(session, edition, now)
    ranks = vocabularies()["ranks"]
    categories = {one.key: one for one in edition.categories}
    if rank not in ranks or rank == NO_PRIZE:
        raise Refusal(sentence("Please choose a rank."), field="rank")
    if category_key is not None and category_key not in categories:
        raise Refusal(sentence("Please choose a category."), field="category")
    if (rank == MENTION) != (category_key is None):
        raise Refusal(
            sentence("A special mention stands on top of any entry; every other prize belongs to a category."),
            field="category",
        )
    if category_key is not None and applicant_type not in (None, *categories[category_key].applicant_types):
        raise Refusal(sentence("This type of applicant cannot enter in this category."), field="applicant_type")
    if not 0 <= quota <= 100:
        raise Refusal(sentence("A quota is a whole number from 0 to 100."), field="quota")
    kind = (category_key, rank, applicant_type)
    if any((one.category_key, one.rank, one.applicant_type) == kind for one in edition.prizes):
        raise Refusal(sentence("This prize is there already. Please change its quota instead."), field="rank")
    typed = {tag: text for tag, text in names.items() if text}
    prize = Prize(
        category_key=category_key, rank=rank, applicant_type=applicant_type, quota=quota,
        position=len(edition.prizes),
        names={**ranks[rank], **typed},
    )  # fmt: skip
    edition.prizes.append(prize)
    _arrange(edition)
    session.flush()
    audit.note(
        session, "edition.add-prize", f"edition:{edition.id}", by=by, now=now, prize=prize.id, category=category_key,
        rank=rank, applicant_type=applicant_type, quota=quota,
    )  # fmt: skip
    return prize


def remove_prize(session: Session, edition: Edition, prize: Prize, *, by: str | None, now: datetime) -> None:
    """Remove a prize. Raises Refusal once the call has opened, and when it has been given."""
    _require_not_open(session, edition, now)
    edition.prizes.remove(prize)
    session.delete(prize)
    _flush(session, Refusal(sentence("This prize has been given, so it cannot be removed.")))
    audit.note(
        session, "edition.remove-prize", f"edition:{edition.id}", by=by, now=now, prize=prize.id,
        category=prize.category_key, rank=prize.rank,
    )  # fmt: skip


def _require_not_open(session: Session, edition: Edition, now: datetime) -> None:
    if edition.call_opens_at is not None and edition.call_opens_at <= now:
        raise Refusal(sentence("The call has opened: categories and prizes cannot be added or removed any more."))
    refuse_frozen(session, edition)


def _flush(session: Session, refusal: Refusal) -> None:
    """Let the database say whether anything refers to what goes: it knows every room."""
    try:
        session.flush()
    except IntegrityError as referred:
        raise refusal from referred


def _arrange(edition: Edition) -> None:
    """Number the prizes anew: by category, special mentions last, the highest rank first."""
    categories = {one.key: one.position for one in edition.categories}
    ranks = list(vocabularies()["ranks"])
    edition.prizes.sort(
        key=lambda one: (categories.get(one.category_key or "", len(categories)), ranks.index(one.rank), one.position)
    )
    for position, one in enumerate(edition.prizes):
        one.position = position

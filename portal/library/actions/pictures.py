"""The pictures of a case: add, describe, remove."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal import files
from portal.errors import Refusal
from portal.files import StagedFile
from portal.i18n import sentence
from portal.library.actions.versions import count_up
from portal.library.models import Case, CaseMedium

#: Pictures of one case, and megabytes of each.
MOST_MEDIA, MOST_MEDIUM_MEGABYTES = 8, 8


def add_medium(
    session: Session, case: Case, staged: StagedFile, *, credit: str, alts: Mapping[str, str], by: str | None,
    now: datetime,
) -> CaseMedium:  # fmt: skip
    """Add a picture at the end of a case's pictures.

    Raises Refusal without a credit, without words for those who cannot see it, or when there are too many.
    """
    if len(case.media) >= MOST_MEDIA:
        raise Refusal(sentence("A case has at most %(most)s pictures."), most=MOST_MEDIA)
    credit, alts = _described(credit, alts)
    medium = CaseMedium(
        position=max((one.position for one in case.media), default=-1) + 1, credit=credit, alts=alts,
        file_id=files.keep(session, staged, now=now).id,
    )  # fmt: skip
    case.media.append(medium)
    count_up(session, case, "case.picture.add", by=by, now=now, sha256=staged.sha256)
    return medium


def describe_medium(
    session: Session, case: Case, medium: CaseMedium, *, credit: str, alts: Mapping[str, str], by: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Change the credit and the words of a picture; raises Refusal when either is missing."""
    medium.credit, medium.alts = _described(credit, alts)
    count_up(session, case, "case.picture.change", by=by, now=now, position=medium.position)


def remove_medium(session: Session, case: Case, medium: CaseMedium, *, by: str | None, now: datetime) -> None:
    """Take a picture off a case."""
    case.media.remove(medium)
    count_up(session, case, "case.picture.remove", by=by, now=now, position=medium.position)


def _described(credit: str, alts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    credit, words = credit.strip(), {tag: text.strip() for tag, text in alts.items() if text.strip()}
    if not credit:
        raise Refusal(sentence("Write who made the picture."), field="credit")
    if not words:
        raise Refusal(sentence("Write what can be seen, for people who cannot see the picture."), field="alts")
    return credit, words

"""Publication: the committee's approval, and the moment from which the public sees the results.

Nothing of it touches a row that the public reads, but for the frozen copies, which carry their moment: until then every
public page is the same as if nothing had been decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from judging.actions.decisions import checked_reason
from judging.models import Decision, Publication, WinnerText
from portal import audit
from portal.db import new_id
from portal.definitions.completeness import as_date, as_number
from portal.editions.models import Edition, Prize, Round
from portal.errors import Refusal
from portal.i18n import sentence
from portal.library.actions import publication as library
from portal.library.actions.cases import add_case
from portal.library.copies import CaseCopy, ResultCopy, Telling
from portal.library.details import Budget, Details, Indicator, Reach
from submissions.models import Entry, Submission
from submissions.queries import get_withdrawal_end
from submissions.rules import EntryState

#: What the prize is called in the library, as in the cases of earlier editions.
AWARD = "Seoul Smart City Prize"
#: The longest title and summary in a further language, in characters.
MOST_TITLE, MOST_SUMMARY, MOST_CITY = 200, 4000, 120
#: The answers that tell the case, in this order, if the city agreed to their publication.
TOLD = ("problem", "solution", "outcomes", "lessons")
CONSENT = "consent_publication"
#: The numbers of the Sustainable Development Goals, as forms answer them.
SDGS = tuple(str(goal) for goal in range(1, 18))


def approve_decisions(session: Session, edition: Edition, *, reason: str, by: str, now: datetime) -> Publication:
    """Approve all decisions of an edition: from now on they cannot be changed.

    Raises Refusal without a reason or decision, when a round is open or the timeline still lets cities withdraw, when
    they are approved already, or when a winner was withdrawn since.
    """
    publication = _lock(session, edition)
    if publication.approved_at is not None:
        raise Refusal(sentence("The decisions are approved already."))
    if not session.scalar(select(func.count()).where(Decision.edition_id == edition.id)):
        raise Refusal(sentence("There is no decision to approve yet."))
    rounds = select(Round.id).where(
        Round.edition_id == edition.id, Round.opened_at.is_not(None), Round.closed_at.is_(None)
    )
    if session.scalar(rounds.limit(1)) is not None:
        raise Refusal(sentence("A round of judging is still open. Please close it before you decide."))
    ends_at = get_withdrawal_end(edition)
    if ends_at is not None and now < ends_at:
        raise Refusal(
            sentence(
                "By the timeline cities may withdraw their entries until %(moment)s. Please change the timeline before"
                " you approve."
            ),
            moment=ends_at.astimezone(ZoneInfo(edition.time_zone)),
        )
    _check_winners(_list_decisions(session, edition))
    publication.approval_reason = checked_reason(reason)
    publication.approved_at, publication.approved_by = now, by
    session.flush()
    audit.note(
        session, "publication.approve", f"edition:{edition.id}", by=by, now=now, text=publication.approval_reason,
        decisions=sorted(session.scalars(select(Decision.id).where(Decision.edition_id == edition.id))),
    )  # fmt: skip
    return publication


def reopen_decisions(session: Session, edition: Edition, *, reason: str, by: str, now: datetime) -> None:
    """Take the approval back, so that decisions can be changed again.

    Raises Refusal without a reason, when nothing is approved, or while a publication is scheduled or past.
    """
    publication = _lock(session, edition)
    if publication.approved_at is None:
        raise Refusal(sentence("The decisions are not approved."))
    if publication.visible_from is not None:
        raise Refusal(sentence("Please cancel the publication first."))
    text = checked_reason(reason)
    publication.approved_at = publication.approved_by = None
    publication.approval_reason = ""
    session.flush()
    audit.note(session, "publication.reopen", f"edition:{edition.id}", by=by, now=now, text=text)


def schedule_publication(
    session: Session, edition: Edition, *, visible_from: datetime, by: str, now: datetime
) -> Publication:
    """Write the frozen copies of all winners; the public sees them from ``visible_from`` on, and nothing before.

    Raises Refusal when decisions are not approved, a publication is scheduled already, the moment has passed, or a
    winner was withdrawn since.
    """
    publication = _lock(session, edition)
    if publication.approved_at is None:
        raise Refusal(sentence("Please approve the decisions before you schedule their publication."))
    if publication.visible_from is not None:
        raise Refusal(sentence("A publication is scheduled already. Please cancel it first."))
    if visible_from < now:
        raise Refusal(sentence("This moment has passed. Please choose now or a later moment."), field="visible_from")
    decisions = _list_decisions(session, edition)
    _check_winners(decisions)
    answers = _answers_handed_in(session, [one.entry_id for one in decisions])
    further = _further_texts(session, [one.entry_id for one in decisions])
    cases: dict[str, str] = {}
    for decision in decisions:  # in the order of the prizes: a case bears the highest prize of its entry
        entry = decision.entry
        told = _texts(entry, answers.get(entry.id, entry.answers), further.get(entry.id, {}))
        names = _city_names(entry, further.get(entry.id, {}))
        if entry.id not in cases:
            copy = _case_of(edition, decision, answers.get(entry.id, entry.answers), told, names, visible_from)
            cases[entry.id] = add_case(session, copy, by=by, now=now).id
        result = _result_of(edition, decision, told, names, cases[entry.id], visible_from)
        library.add_result(session, result, by=by, now=now)
    publication.visible_from, publication.scheduled_at, publication.scheduled_by = visible_from, now, by
    session.flush()
    audit.note(
        session, "publication.schedule", f"edition:{edition.id}", by=by, now=now,
        visible_from=visible_from.isoformat(), results=len(decisions), cases=len(cases),
    )  # fmt: skip
    return publication


def cancel_publication(session: Session, edition: Edition, *, reason: str, by: str, now: datetime) -> None:
    """Cancel a publication before its moment and remove the copies. Raises Refusal without a reason or after it."""
    publication = _lock(session, edition)
    if publication.visible_from is None:
        raise Refusal(sentence("No publication is scheduled."))
    if publication.visible_from <= now:
        raise Refusal(sentence("The results are public already and cannot be taken back."))
    text = checked_reason(reason)
    publication.visible_from = publication.scheduled_at = publication.scheduled_by = None
    session.flush()
    library.cancel_publication(session, edition.slug, by=by, now=now)
    audit.note(session, "publication.cancel", f"edition:{edition.id}", by=by, now=now, text=text)


def write_winner_text(
    session: Session, entry: Entry, *, language: str, title: str, summary: str, city: str = "", by: str, now: datetime
) -> None:
    """Write a winner's title and summary in a further language for the publication; two empty texts remove them.

    ``city`` is what the city is called in that language, where it is not called as the entry says.

    Raises Refusal for the entry's own language, half a text, one that is too long, or after scheduling.
    """
    publication = session.scalars(select(Publication).where(Publication.edition_id == entry.edition_id)).one_or_none()
    if publication is not None and publication.visible_from is not None:
        raise Refusal(sentence("The publication is scheduled: its texts are frozen. Please cancel it first."))
    if language == entry.language:
        raise Refusal(sentence("The entry itself was written in this language."), field="title")
    title, summary, city = title.strip(), summary.strip(), city.strip()
    if bool(title) != bool(summary) or (city and not title):
        field = "summary" if title else "title"
        raise Refusal(sentence("Please write both the title and the summary, or neither."), field=field)
    for name, text, most in (
        ("title", title, MOST_TITLE),
        ("summary", summary, MOST_SUMMARY),
        ("city", city, MOST_CITY),
    ):
        if len(text) > most:
            raise Refusal(
                sentence("Please use at most %(most)s characters; there are %(used)s."),
                field=name,
                most=most,
                used=len(text),
            )
    row = session.get(WinnerText, (entry.id, language))
    if row is None and title:
        session.add(
            WinnerText(entry_id=entry.id, language=language, title=title, summary=summary, city=city, written_at=now)
        )
    elif row is not None and title:
        row.title, row.summary, row.city, row.written_at = title, summary, city, now
    elif row is not None:
        session.delete(row)
    session.flush()
    audit.note(session, "winner.text", f"entry:{entry.id}", by=by, now=now, language=language, written=bool(title))


def _lock(session: Session, edition: Edition) -> Publication:
    """Return the edition's publication row, made when it is missing, so that two people act one after the other."""
    session.execute(select(Edition.id).where(Edition.id == edition.id).with_for_update())
    query = select(Publication).where(Publication.edition_id == edition.id)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        found = Publication(id=new_id(), edition_id=edition.id, approval_reason="")
        session.add(found)
        session.flush()
    return found


def _list_decisions(session: Session, edition: Edition) -> list[Decision]:
    query = (
        select(Decision)
        .join(Prize, Prize.id == Decision.prize_id)
        .where(Decision.edition_id == edition.id)
        .order_by(Prize.position, Decision.place, Decision.decided_at, Decision.id)
        .options(
            joinedload(Decision.prize),
            joinedload(Decision.entry).joinedload(Entry.organisation),
            joinedload(Decision.entry).joinedload(Entry.category),
        )
    )
    return list(session.scalars(query))


def _check_winners(decisions: list[Decision]) -> None:
    for decision in decisions:
        if decision.entry.state != EntryState.ELIGIBLE:
            raise Refusal(
                sentence(
                    "“%(title)s” was given a prize but takes no part any more. Please revoke that decision first."
                ),
                title=decision.entry.title,
            )


def _answers_handed_in(session: Session, entry_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return the answers of each entry as they were handed in last."""
    query = select(Submission.entry_id, Submission.answers).where(Submission.entry_id.in_(entry_ids))
    return {row.entry_id: row.answers for row in session.execute(query.order_by(Submission.number))}


def _further_texts(session: Session, entry_ids: list[str]) -> dict[str, dict[str, WinnerText]]:
    found: dict[str, dict[str, WinnerText]] = {}
    for row in session.scalars(select(WinnerText).where(WinnerText.entry_id.in_(entry_ids))):
        found.setdefault(row.entry_id, {})[row.language] = row
    return found


def _city_names(entry: Entry, further: Mapping[str, WinnerText]) -> dict[str, str]:
    """Return what a winner's city is called, by language; nothing where it has one name for all."""
    written = {tag: row.city for tag, row in further.items() if row.city}
    here = entry.organisation.city
    return {entry.language: here, "en": here, **written} if written else {}


def _texts(entry: Entry, answers: Mapping[str, Any], further: Mapping[str, WinnerText]) -> dict[str, Telling]:
    """Return a winner's words per language, the entry's own first; without the consent only title and summary."""
    told = {key: str(answers.get(key, "")).strip() for key in TOLD} if answers.get(CONSENT) in ("y", True) else {}
    summary = str(answers.get("summary") or answers.get("pitch") or "")
    own = Telling(entry.title, summary, **told)
    return {entry.language: own, **{tag: Telling(row.title, row.summary) for tag, row in further.items()}}


def _case_of(
    edition: Edition,
    decision: Decision,
    answers: Mapping[str, Any],
    texts: Mapping[str, Telling],
    names: Mapping[str, str],
    visible_from: datetime,
) -> CaseCopy:
    entry = decision.entry
    themes = answers.get("themes")
    told, named = _details_of(entry, answers) if answers.get(CONSENT) in ("y", True) else (Details(), ())
    return CaseCopy(
        kind="prize-entry",
        award=AWARD,
        year=edition.year,
        city=names.get("en", entry.organisation.city),
        city_names=names,
        country=entry.organisation.country,
        original_language=entry.language,
        texts=texts,
        visible_from=visible_from,
        edition_slug=edition.slug,
        category=entry.category.key,
        rank=decision.prize.rank,
        organisation=entry.organisation.name,
        themes=tuple(str(theme) for theme in themes) if isinstance(themes, list) else (),
        sources=((edition.names.get("en") or edition.slug, None), *((title, None) for title in named)),
        details=told,
        simulated=edition.simulated,
    )


def _details_of(entry: Entry, answers: Mapping[str, Any]) -> tuple[Details, tuple[str, ...]]:
    """Return what an entry tells in figures, and the sources that its indicators name; the entry is source 0."""
    rows = [row for row in _rows(answers, "indicators") if as_number(row.get("value")) is not None and row.get("name")]
    named = tuple(dict.fromkeys(source for row in rows if (source := str(row.get("source", "")).strip())))
    amounts = [amount for row in _rows(answers, "budget") if (amount := as_number(row.get("amount"))) is not None]
    currency = str(answers.get("currency", "")).strip().upper()
    is_currency = re.fullmatch("[A-Z]{3}", currency)
    people = as_number(answers.get("beneficiaries"))
    indicators = tuple(
        Indicator(
            name={entry.language: str(row["name"]).strip()}, value=as_number(row["value"]) or Decimal(0),
            unit={entry.language: unit} if (unit := str(row.get("unit", "")).strip()) else {},
            baseline=as_number(row.get("baseline")),
            date=day.isoformat() if (day := as_date(row.get("on"))) else "",
            source=named.index(source) + 1 if (source := str(row.get("source", "")).strip()) else 0,
        )
        for row in rows
    )  # fmt: skip
    goals = [str(goal) for goal in answers.get("sdgs") or []]
    told = Details(
        population=entry.organisation.population,
        budget=Budget(sum(amounts, Decimal(0)), currency, source=0) if amounts and is_currency else None,
        partners=tuple(name for row in _rows(answers, "partners") if (name := str(row.get("name", "")).strip())),
        target_groups=tuple(str(group) for group in answers.get("target_groups") or []),
        sdgs=tuple(int(goal) for goal in goals if goal in SDGS),
        reach=Reach(int(people), source=0) if people is not None and people > 0 else None,
        indicators=indicators,
    )
    return told, named


def _rows(answers: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the filled lines of a table of answers."""
    return [row for row in answers.get(key) or [] if isinstance(row, Mapping)]


def _result_of(
    edition: Edition,
    decision: Decision,
    texts: Mapping[str, Telling],
    names: Mapping[str, str],
    case_id: str,
    visible_from: datetime,
) -> ResultCopy:
    entry, prize = decision.entry, decision.prize
    return ResultCopy(
        edition_slug=edition.slug,
        year=edition.year,
        category=prize.category_key,
        rank=prize.rank,
        prize_names=prize.names,
        position=prize.position,
        place=decision.place,
        organisation=entry.organisation.name,
        city=names.get("en", entry.organisation.city),
        city_names=names,
        country=entry.organisation.country,
        titles={tag: told.title for tag, told in texts.items()},
        original_language=entry.language,
        visible_from=visible_from,
        case_id=case_id,
        simulated=edition.simulated,
    )

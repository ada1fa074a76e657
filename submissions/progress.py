"""How far an entry is: the state of each section, and what its city should do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.definitions.completeness import Attached, Fault, check_section, is_blank
from portal.definitions.rules import Definition, FilesField, Section
from submissions.rules import EntryState, is_call_open, is_editable


class SectionState(StrEnum):
    """Where a section stands; the words of the task list."""

    NOT_BEGUN = "todo"
    OPTIONAL = "optional"  # nothing is answered, and nothing has to be
    STARTED = "started"
    DONE = "done"
    ERROR = "error"  # something is answered that must be corrected


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """The state of a section with its figures."""

    section: Section
    state: SectionState
    answered: int
    missing: int
    wrong: int
    faults: tuple[Fault, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing more has to be done here."""
        return self.state in (SectionState.DONE, SectionState.OPTIONAL)


def list_progress(
    definition: Definition, answers: Mapping[str, Any], attachments: Iterable[Attached]
) -> list[SectionProgress]:
    """Return the progress of every section in order."""
    attached = list(attachments)
    return [_progress(section, answers, attached) for section in definition.sections]


def _progress(section: Section, answers: Mapping[str, Any], attached: list[Attached]) -> SectionProgress:
    faults = check_section(section, answers, attached)
    with_files = {one.field for one in attached}
    answered = sum(
        question.key in with_files
        if isinstance(question, FilesField)
        else not is_blank(question, answers.get(question.key))
        for question in section.fields
    )
    missing = len({(fault.field, fault.row, fault.column) for fault in faults if fault.is_missing})
    wrong = len({(fault.field, fault.row, fault.column) for fault in faults if not fault.is_missing})
    if wrong:
        state = SectionState.ERROR
    elif not missing:
        state = SectionState.DONE if answered else SectionState.OPTIONAL
    else:
        state = SectionState.STARTED if answered else SectionState.NOT_BEGUN
    return SectionProgress(section, state, answered, missing, wrong, tuple(faults))


class Step(StrEnum):
    """What its city should do next with an entry."""

    CONTINUE = "continue"
    SUBMIT = "submit"
    COMPLETE = "complete"  # sent back, the reply time runs
    WAIT_FOR_SCREENING = "wait-for-screening"
    WAIT_FOR_RESULTS = "wait-for-results"
    MISSED = "missed"  # a draft after the deadline
    REPLY_MISSED = "reply-missed"
    INELIGIBLE = "ineligible"
    WITHDRAWN = "withdrawn"


def next_step(
    state: str, *, is_complete: bool, opens_at: datetime | None, closes_at: datetime | None,
    reply_until: datetime | None, now: datetime,
) -> Step:  # fmt: skip
    """Return what should be done next with an entry."""
    call_open = is_call_open(opens_at, closes_at, now)
    editable = is_editable(state, call_open=call_open, reply_until=reply_until, now=now)
    if state == EntryState.DRAFT:
        return (Step.SUBMIT if is_complete else Step.CONTINUE) if editable else Step.MISSED
    if state == EntryState.SENT_BACK:
        return Step.COMPLETE if editable else Step.REPLY_MISSED
    return {
        EntryState.SUBMITTED: Step.WAIT_FOR_SCREENING,
        EntryState.ELIGIBLE: Step.WAIT_FOR_RESULTS,
        EntryState.INELIGIBLE: Step.INELIGIBLE,
    }.get(EntryState(state), Step.WITHDRAWN)

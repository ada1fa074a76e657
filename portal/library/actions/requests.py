"""Readers' questions to cities: ask, mark as done."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import audit, mail
from portal.accounts.models import Role, User
from portal.db import Database, new_id
from portal.errors import Refusal, check_length
from portal.i18n import choose, sentence
from portal.library.models import Case, ContactRequest

#: Questions to cities that one address may send in a period.
MOST_QUESTIONS, QUESTIONS_PER = 5, timedelta(hours=1)
#: The longest question to a city, and the longest line of its form, in characters.
MOST_MESSAGE, MOST_LINE = 4000, 200


def is_asking_allowed(database: Database, session: Session, address: str, *, secret: str, now: datetime) -> bool:
    """Count one more question from an address of the net and tell whether it may be sent; call it before writing."""
    return audit.is_within_limit(
        database, session, "library.contact", address, most=MOST_QUESTIONS, per=QUESTIONS_PER, secret=secret, now=now
    )


def ask_city(
    session: Session, case: Case, *, name: str, email: str, organisation: str, message: str, language: str,
    now: datetime,
) -> ContactRequest:  # fmt: skip
    """Keep a reader's question to the city of a case and mail it to the case's contact, else to the secretariat.

    Raises Refusal when something is missing, too long or no e-mail address.
    """
    name, email, organisation, message = (text.strip() for text in (name, email, organisation, message))
    if not name:
        raise Refusal(sentence("Write your name."), field="name")
    if not mail.is_address(email):
        raise Refusal(sentence("Write a whole e-mail address, such as name@example.org."), field="email")
    if not message:
        raise Refusal(sentence("Write your question."), field="message")
    for field, text in (("name", name), ("email", email), ("organisation", organisation)):
        check_length(text, MOST_LINE, field)
    check_length(message, MOST_MESSAGE, "message")
    asked = ContactRequest(
        id=new_id(), case_id=case.id, name=name, email=email, organisation=organisation, message=message,
        language=language, created_at=now,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    titles = {text.language: text.title for text in case.texts}
    for address, tag in _readers(session, case):
        mail.queue(
            session, "library_contact", to=address, language=tag, now=now, name=name, email=email,
            organisation=organisation, message=message, case_id=case.id,
            title=" ".join(choose(titles, tag, case.original_language).text.split()),
        )  # fmt: skip
    audit.note(session, "contact.ask", f"contact:{asked.id}", by=None, now=now, case=case.id)
    return asked


def finish_request(session: Session, asked: ContactRequest, *, done: bool, by: str | None, now: datetime) -> None:
    """Mark a question to a city as done, or as open again."""
    asked.done_at = now if done else None
    session.flush()
    audit.note(session, "contact.done" if done else "contact.reopen", f"contact:{asked.id}", by=by, now=now)


def _readers(session: Session, case: Case) -> list[tuple[str, str]]:
    """Return who reads a question about a case, each address with its language."""
    if case.contact_email:
        return [(case.contact_email, case.original_language)]
    members = select(User.email, User.language).join(User.roles).where(Role.name == "secretariat", User.active)
    return [(row.email, row.language or "en") for row in session.execute(members.order_by(User.email))]

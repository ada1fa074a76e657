"""What changes people, their roles, their invitations and their organisations."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import audit, mail
from portal.accounts import queries, rules
from portal.accounts.models import Membership, Organisation, Role, User
from portal.db import new_id
from portal.errors import Refusal
from portal.i18n import sentence


def create_user(
    session: Session, *, email: str, name: str, language: str, now: datetime,
    password_hash: str | None = None, confirmed: bool = True, by: str | None = None, is_demonstration: bool = False,
) -> User:  # fmt: skip
    """Add a person; raise Refusal when the address has an account already."""
    address = rules.normalize_email(email)
    if queries.get_user_by_email(session, address) is not None:
        raise Refusal(sentence("There is an account with this e-mail address already."), field="email")
    user = User(
        id=new_id(), email=address, name=name.strip(), language=language, password=password_hash, active=True,
        fs_uniquifier=_new_uniquifier(), confirmed_at=now if confirmed else None, created_at=now,
        is_demonstration=is_demonstration,
    )  # fmt: skip
    session.add(user)
    session.flush()
    audit.note(session, "person.create", f"person:{user.id}", by=by or user.id, now=now, confirmed=confirmed)
    return user


def confirm_email(session: Session, user: User, *, now: datetime) -> None:
    """Take the person's word that the address is theirs; a second time changes nothing."""
    if user.confirmed_at is None:
        user.confirmed_at = now
        audit.note(session, "person.confirm", f"person:{user.id}", by=user.id, now=now)


def change_account(session: Session, user: User, *, name: str, language: str, by: str | None, now: datetime) -> None:
    """Change a person's name and the language that the site remembers for them."""
    user.name, user.language = name.strip(), language
    audit.note(session, "person.change", f"person:{user.id}", by=by, now=now)


def grant_role(session: Session, user: User, role: str, *, by: str | None, now: datetime) -> None:
    """Give a person a role of the staff; one they have already changes nothing."""
    if role not in rules.STAFF_ROLES:
        raise ValueError(f"There is no role {role!r}.")
    if role in {held.name for held in user.roles}:
        return
    user.roles.append(_get_role(session, role))
    audit.note(session, "role.grant", f"person:{user.id}", by=by, now=now, role=role)


def revoke_role(session: Session, user: User, role: str, *, by: str | None, now: datetime) -> None:
    """Take a role from a person; raise Refusal when no administrator would be left."""
    held = next((one for one in user.roles if one.name == role), None)
    if held is None:
        return
    if role == "administrator":
        _refuse_last_administrator(session, user)
    user.roles.remove(held)
    audit.note(session, "role.revoke", f"person:{user.id}", by=by, now=now, role=role)


def suspend_user(session: Session, user: User, *, reason: str, by: str | None, now: datetime) -> None:
    """Shut a person out, sessions included; raise Refusal for oneself and for the last administrator."""
    if by == user.id:
        raise Refusal(sentence("You cannot suspend your own account. Another administrator can."))
    if not user.active:
        return
    _refuse_last_administrator(session, user)
    user.active = False
    user.fs_uniquifier = _new_uniquifier()
    audit.note(session, "person.suspend", f"person:{user.id}", by=by, now=now, text=reason)


def restore_user(session: Session, user: User, *, reason: str, by: str | None, now: datetime) -> None:
    """Let a suspended person in again; raise Refusal for an account that was erased."""
    if user.active:
        return
    if rules.is_erased(user.email):
        raise Refusal(sentence("This account was erased already."))
    user.active = True
    audit.note(session, "person.restore", f"person:{user.id}", by=by, now=now, text=reason or None)


def erase_user(session: Session, user: User, *, reason: str, by: str | None, now: datetime) -> None:
    """Erase what an account says of a person, for good: only its id stays, where records refer to it.

    Raises Refusal for oneself, for the last administrator, and for an account that was erased before.
    """
    if by is not None and by == user.id:
        raise Refusal(sentence("You cannot erase your own account. Another administrator can."))
    if rules.is_erased(user.email):
        raise Refusal(sentence("This account was erased already."))
    _refuse_last_administrator(session, user)
    session.execute(delete(mail.MailMessage).where(mail.MailMessage.recipient == user.email))
    session.execute(delete(Membership).where(Membership.user_id == user.id))
    told = select(audit.AuditEvent.sequence).where(audit.AuditEvent.subject == f"person:{user.id}")
    session.execute(delete(audit.AuditText).where(audit.AuditText.sequence.in_(told)))
    user.email, user.name, user.password, user.active = rules.erased_email(user.id), "", None, False
    user.fs_uniquifier, user.invitation_hash, user.invited_at = _new_uniquifier(), None, None
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.roles.clear()
    session.flush()
    audit.note(session, "person.erase", f"person:{user.id}", by=by, now=now, text=reason or None)


def delete_unanswered_user(session: Session, user: User, *, now: datetime) -> None:
    """Delete an account that nobody has ever been able to use: never confirmed, never taken up."""
    if user.confirmed_at is not None:
        raise ValueError("An account that was in use is erased, not deleted.")
    user_id = user.id
    session.execute(delete(mail.MailMessage).where(mail.MailMessage.recipient == user.email))
    user.roles.clear()
    session.flush()
    session.delete(user)
    session.flush()
    audit.note(session, "person.delete", f"person:{user_id}", by=None, now=now)


def sign_out_everywhere(session: Session, user: User, *, by: str | None, now: datetime) -> None:
    """End every session of a person and make every link mailed to them useless."""
    user.fs_uniquifier = _new_uniquifier()
    audit.note(session, "person.sign-out-everywhere", f"person:{user.id}", by=by, now=now)


def remove_second_factor(session: Session, user: User, *, reason: str, by: str | None, now: datetime) -> None:
    """Take a lost authenticator and its recovery codes from an account, and end its sessions."""
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.fs_uniquifier = _new_uniquifier()
    audit.note(session, "person.remove-second-factor", f"person:{user.id}", by=by, now=now, text=reason)


def invite_person(
    session: Session, *, email: str, name: str, roles: Iterable[str], language: str, by: str | None, now: datetime
) -> tuple[User, str]:
    """Add a person without a password and mail them a link to set one; return them and the link's code."""
    user = create_user(session, email=email, name=name, language=language, confirmed=False, by=by, now=now)
    for role in roles:
        grant_role(session, user, role, by=by, now=now)
    return user, _send_invitation(session, user, by=by, now=now)


def repeat_invitation(session: Session, user: User, *, by: str | None, now: datetime) -> str:
    """Mail a new link to an invited person; the old one stops working. Raise Refusal when they have answered."""
    if user.password is not None or user.invited_at is None:
        raise Refusal(sentence("This person has answered the invitation already."))
    return _send_invitation(session, user, by=by, now=now)


def accept_invitation(session: Session, user: User, *, password_hash: str, now: datetime) -> None:
    """Set the invited person's password; raise Refusal when the link is too old or was used."""
    if user.invitation_hash is None or not rules.is_invitation_open(user.invited_at, now):
        raise Refusal(sentence("This invitation is no longer valid. Ask for a new one."))
    user.password, user.invitation_hash = password_hash, None
    user.confirmed_at = user.confirmed_at or now
    audit.note(session, "person.accept-invitation", f"person:{user.id}", by=user.id, now=now)


def create_organisation(
    session: Session, *, user_id: str, name: str, applicant_type: str, city: str, country: str,
    population: int | None, now: datetime, region: str | None = None, website: str | None = None,
) -> Organisation:  # fmt: skip
    """Add an organisation and make the person its first member."""
    organisation = Organisation(
        id=new_id(), name=name, applicant_type=applicant_type, city=city, country=country, population=population,
        region=region or None, website=website or None, created_at=now,
    )  # fmt: skip
    session.add(organisation)
    session.flush()
    session.add(Membership(id=new_id(), user_id=user_id, organisation_id=organisation.id, joined_at=now))
    audit.note(session, "organisation.create", f"organisation:{organisation.id}", by=user_id, now=now)
    return organisation


def change_organisation(
    session: Session, organisation: Organisation, *, name: str, applicant_type: str, city: str, country: str,
    population: int | None, by: str | None, now: datetime, region: str | None = None, website: str | None = None,
    is_fixed: bool = False,
) -> None:  # fmt: skip
    """Change what an organisation says of itself.

    Raises Refusal when it is fixed: judges are chosen by it, and results will name it.
    """
    wanted = {
        "name": name, "applicant_type": applicant_type, "city": city, "country": country, "population": population,
        "region": region or None, "website": website or None,
    }  # fmt: skip
    changed = [key for key, value in wanted.items() if getattr(organisation, key) != value]
    if is_fixed and changed:
        raise Refusal(
            sentence("An entry of this organisation is being judged. Please ask the secretariat to change this."),
            field=changed[0],
        )
    for key in changed:
        setattr(organisation, key, wanted[key])
    audit.note(
        session, "organisation.change", f"organisation:{organisation.id}", by=by, now=now, changed=sorted(changed)
    )


def seed_demonstration(
    session: Session, demo: Mapping[str, Any], password_hash: str, now: datetime
) -> dict[str, tuple[User, Organisation | None]]:
    """Add the demonstration accounts of ``portal/data/demo.json``; return person and organisation by account key.

    They are marked, and a site outside demonstration mode does not know them. Judgeships are left to the caller.
    """
    organisations = {entry["key"]: entry for entry in demo["organisations"]}
    added: dict[str, tuple[User, Organisation | None]] = {}
    for account in demo["accounts"]:
        if queries.get_user_by_email(session, account["email"]) is not None:
            continue
        language = account["language"]
        user = create_user(
            session, email=account["email"], name=account["name_ko" if language == "ko" else "name"],
            language=language, password_hash=password_hash, is_demonstration=True, now=now,
        )  # fmt: skip
        session.flush()
        if account["role"] in rules.STAFF_ROLES:
            grant_role(session, user, account["role"], by=None, now=now)
        office = organisations.get(account["organisation"] or "")
        organisation = None
        if office is not None:
            organisation = create_organisation(
                session, user_id=user.id, name=office["name"][language], applicant_type=office["type"],
                city=office["city"][language], country=office["country"], population=office["population"],
                region=office.get("region"), now=now,
            )  # fmt: skip
        added[account["key"]] = (user, organisation)
    return added


def _send_invitation(session: Session, user: User, *, by: str | None, now: datetime) -> str:
    code = secrets.token_urlsafe(24)
    user.invitation_hash, user.invited_at = hash_code(code), now
    mail.queue(
        session, "account_invitation", to=user.email, language=user.language, now=now,
        name=user.name, code=code, days=rules.INVITATION_DAYS,
    )  # fmt: skip
    audit.note(session, "person.invite", f"person:{user.id}", by=by, now=now)
    return code


def hash_code(code: str) -> str:
    """Return what is stored of a code that stands in a mail only."""
    return hashlib.sha256(code.encode()).hexdigest()


def _refuse_last_administrator(session: Session, user: User) -> None:
    # The role is locked, so that two administrators at once cannot take it from each other.
    session.execute(select(Role.id).where(Role.name == "administrator").with_for_update())
    if rules.would_leave_nobody(user.id, queries.list_administrator_ids(session)):
        raise Refusal(sentence("This is the last administrator. Make somebody else an administrator first."))


def _get_role(session: Session, name: str) -> Role:
    found = session.scalars(select(Role).where(Role.name == name)).one_or_none()
    if found is None:
        found = Role(id=new_id(), name=name)
        session.add(found)
    return found


def _new_uniquifier() -> str:
    return secrets.token_hex(32)

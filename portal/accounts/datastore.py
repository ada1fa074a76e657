"""Flask-Security's datastore in this house: the door commits, not it, and its changes stand in the audit log."""

from __future__ import annotations

from typing import Any, cast

from flask_security import SQLAlchemySessionUserDatastore
from flask_security.totp import Totp
from passlib.exc import UsedTokenError
from sqlalchemy import inspect, or_, update

from portal import audit, clock
from portal.accounts import actions
from portal.accounts.models import User
from portal.accounts.rules import normalize_email
from portal.db import is_writing
from portal.web import portal, session, writing


class Datastore(SQLAlchemySessionUserDatastore):
    """Flask-Security's datastore: the door commits, not it, and its changes stand in the audit log."""

    def commit(self) -> None:
        """Flush only."""
        if is_writing(session()):
            session().flush()

    def put(self, model: Any) -> Any:
        """Take a changed or new row into the write transaction; changes made before it opened are kept."""
        if not is_writing(session()):
            state = inspect(model)
            changed = {
                name: getattr(model, name)
                for name in (state.mapper.column_attrs.keys() if state.persistent else ())
                if state.attrs[name].history.has_changes()
            }
            writing()
            for name, value in changed.items():
                setattr(model, name, value)
        session().add(model)
        return model

    def delete(self, model: Any) -> None:
        """Delete a row in the write transaction."""
        writing().delete(model)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """Find a person; demonstration accounts are not there outside demonstration mode."""
        if "email" in kwargs:
            kwargs["email"] = normalize_email(str(kwargs["email"] or ""))
        user = cast(User | None, super().find_user(**kwargs))
        demonstration = portal().settings.demonstration
        if user is None or (user.is_demonstration and not demonstration):
            return None
        user.needs_second_factor = user.is_staff and not demonstration  # type: ignore[misc]
        return user

    def create_user(self, **kwargs: Any) -> User:
        """Add the person who signs up."""
        return actions.create_user(
            writing(), email=kwargs["email"], name=kwargs["name"], language=kwargs["language"],
            password_hash=kwargs["password"], confirmed=False, now=clock.now(),
        )  # fmt: skip

    def tf_set(self, user: Any, primary_method: str, totp_secret: str | None = None, phone: str | None = None) -> None:
        """Keep the authenticator that a person has set up."""
        is_new = bool(totp_secret) and user.tf_totp_secret != totp_secret
        super().tf_set(user, primary_method, totp_secret, phone)
        if is_new:
            note_about("person.set-up-second-factor", user)

    def tf_reset(self, user: Any) -> None:
        """Forget the authenticator."""
        super().tf_reset(user)
        note_about("person.switch-off-second-factor", user)

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """Keep new recovery codes; the old ones end."""
        super().mf_set_recovery_codes(user, rcs)
        note_about("person.make-recovery-codes", user)

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """Use a recovery code up."""
        codes = list(user.mf_recovery_codes or [])
        if not 0 <= idx < len(codes):
            return False
        del codes[idx]
        user.mf_recovery_codes = codes
        self.put(user)
        note_about("person.use-recovery-code", user)
        return True


def note_about(action: str, user: User) -> None:
    """Note in the audit log what a person did with their own account."""
    audit.note(writing(), action, f"person:{user.id}", by=user.id, now=clock.now())


class OnceOnlyTotp(Totp):
    """Takes each code of an authenticator once, as RFC 6238 (5.2) wants it."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the time step of the last code that was taken."""
        return cast(int | None, user.tf_last_counter)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the time step of a code; raise UsedTokenError when it was taken at this very moment elsewhere."""
        is_newer = or_(User.tf_last_counter.is_(None), User.tf_last_counter < tmatch.counter)
        keep = update(User).where(User.id == user.id, is_newer).values(tf_last_counter=tmatch.counter)
        if cast(Any, writing().execute(keep)).rowcount == 0:
            raise UsedTokenError

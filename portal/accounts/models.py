"""Tables of people, their roles, and the organisations they act for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.rules import STAFF_ROLES, is_erased
from portal.db import Base, new_id

user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", ForeignKey("user_account.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """``secretariat`` or ``administrator``; applicants and judges need no role."""

    __tablename__ = "role"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(unique=True)


class User(Base, UserMixin):
    """A person with an account."""

    __tablename__ = "user_account"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    is_demonstration: Mapped[bool] = mapped_column(default=False)  # exists only while the site runs in that mode
    invitation_hash: Mapped[str | None] = mapped_column(unique=True)  # SHA-256 of the code in the mail
    invited_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    tf_last_counter: Mapped[int | None]  # the time step of the last code taken: each code signs in once
    mf_recovery_codes: Mapped[list[str] | None]  # encrypted; always assigned as a new list
    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="joined")  # type: ignore[assignment]

    #: Set by the datastore on every person it finds: the site asks this person for a second factor.
    needs_second_factor: ClassVar[bool] = False

    @property
    def is_staff(self) -> bool:
        """Whether the person belongs to the secretariat or administers the site."""
        return bool({role.name for role in self.roles} & set(STAFF_ROLES))

    @property
    def is_erased(self) -> bool:
        """Whether only the account's id is left."""
        return is_erased(self.email)

    @property
    def has_second_factor(self) -> bool:
        """Whether the person has set up an authenticator."""
        return bool(self.tf_primary_method and self.tf_totp_secret)

    def check_tf_required(self, tf_setup_methods: list[Any], tf_fresh: bool) -> tuple[bool, list[Any]]:
        """Tell Flask-Security whether a second factor is asked for after the password."""
        return self.needs_second_factor or bool(tf_setup_methods), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Tell Flask-Security whether the second factor may not be switched off."""
        return self.needs_second_factor


class Organisation(Base):
    """A city government, company or institution that enters, or the office of an individual."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    applicant_type: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]
    population: Mapped[int | None]
    region: Mapped[str | None]
    website: Mapped[str | None]
    created_at: Mapped[datetime]


class Membership(Base):
    """A person acting for an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    joined_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()

"""The operator's commands for people: the first administrator, and who has an account."""

from __future__ import annotations

import os
from unicodedata import normalize

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security import hash_password
from sqlalchemy import select

from portal import clock
from portal.accounts import actions, queries, rules
from portal.accounts.models import User
from portal.web import Portal

people_commands = AppGroup("people", help="People with accounts.")


@people_commands.command("create-administrator")
@click.argument("email")
@click.option("--name", default="", help="The person's name; without it, the first part of the address.")
@click.option("--language", default="en", show_default=True, help="Language of mails to the person.")
def create_administrator(email: str, name: str, language: str) -> None:
    """Add an administrator, or make an existing person one.

    The password of a new account comes from ADMINISTRATOR_PASSWORD, or is asked for.
    """
    site: Portal = current_app.extensions["portal"]
    address = rules.normalize_email(email)
    if "@" not in address.strip("@"):
        raise click.UsageError(f"{email!r} is no e-mail address.")
    if language not in site.languages:
        raise click.UsageError(f"{language!r} is not offered; offered: {', '.join(site.languages)}.")
    with site.database.open() as session:
        is_known = queries.get_user_by_email(session, address) is not None
    hashed = None if is_known else hash_password(_ask_password())  # before the write transaction opens
    with site.database.transaction() as session:
        user = queries.get_user_by_email(session, address)
        if user is None:
            user = actions.create_user(
                session, email=address, name=name or address.partition("@")[0], language=language,
                password_hash=hashed, now=clock.now(),
            )  # fmt: skip
        actions.grant_role(session, user, "administrator", by=None, now=clock.now())
    click.echo(f"{address} is an administrator{'' if is_known else ' and can sign in'}.")


@people_commands.command("list")
def list_everybody() -> None:
    """List all accounts: address, name, roles, state."""
    site: Portal = current_app.extensions["portal"]
    with site.database.open() as session:
        for user in session.scalars(select(User).order_by(User.email)).unique():
            states = [
                *([] if user.active else ["suspended"]),
                *([] if user.confirmed_at else ["unconfirmed"]),
                *(["demonstration"] if user.is_demonstration else []),
            ]
            roles = ",".join(sorted(role.name for role in user.roles)) or "-"
            click.echo(f"{user.email}\t{user.name}\t{roles}\t{','.join(states) or 'active'}")


def _ask_password() -> str:
    password = os.environ.get("ADMINISTRATOR_PASSWORD") or click.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    if len(password) < rules.LEAST_PASSWORD_CHARACTERS:
        raise click.UsageError(f"The password needs at least {rules.LEAST_PASSWORD_CHARACTERS} characters.")
    return normalize("NFKD", str(password))  # as at sign-in

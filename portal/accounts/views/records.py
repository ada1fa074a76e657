"""The outbox and the audit log, as the staff reads them."""

from __future__ import annotations

import re

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import audit, clock
from portal.accounts import queries, wording
from portal.accounts.access import Accounts
from portal.accounts.forms.fields import one_of
from portal.accounts.views.blueprint import pages
from portal.errors import Hidden
from portal.web import needs, portal, session, visitor

#: The part of a mailed link that works like a password.
SECRET = re.compile(r"(/(?:confirm|reset|invitations?|stop)/)[^\s]+")


@pages.route("/outbox")
@needs(Accounts.READ_OUTBOX)
def list_mails() -> ResponseReturnValue:
    """List the mails that the site has written."""
    words = request.args.get("q", "").strip()
    found = queries.list_mails(session(), words=words, page=request.args.get("page", 1, type=int))
    return render_template(
        "accounts/list_mails.html", found=found, words=words, is_local=not portal().settings.smtp_url,
        url_of_page=lambda page: url_for(".list_mails", page=page, q=words or None),
    )  # fmt: skip


@pages.route("/outbox/<mail_id>")
@needs(Accounts.READ_OUTBOX)
def show_mail(mail_id: str) -> ResponseReturnValue:
    """Show one mail; that it was read is recorded first.

    Once mails leave by SMTP, codes in links are not shown: they belong to the recipient alone.
    """
    message = queries.get_mail(session(), mail_id)
    if message is None:
        raise Hidden
    audit.record(portal().database, "mail.read", f"mail:{message.id}", now=clock.now(), by=visitor().id)
    is_local = not portal().settings.smtp_url
    body = message.body or ""
    return render_template(
        "accounts/show_mail.html",
        message=message,
        is_local=is_local,
        body=body if is_local else SECRET.sub(r"\1…", body),
    )


@pages.route("/audit")
@needs(Accounts.READ_AUDIT)
def list_audit_events() -> ResponseReturnValue:
    """List the events of the audit log."""
    known = queries.list_audit_actions(session())
    action = one_of(request.args.get("action", ""), known)
    subject = request.args.get("subject", "").strip()
    found = queries.list_audit_events(
        session(), action=action, subject=wording.subject_code(subject), page=request.args.get("page", 1, type=int)
    )
    return render_template(
        "accounts/list_audit_events.html", found=found, wording=wording, actions=wording.sorted_acts(known),
        action=action, subjects=wording.sorted_subjects(), subject=subject,
        url_of_page=lambda page: url_for(
            ".list_audit_events", page=page, action=action or None, subject=subject or None
        ),
    )  # fmt: skip

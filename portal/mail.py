"""Mail: written to the outbox with the act that causes it, rendered and sent by a job."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import jobs
from portal.db import Base, Database, new_id

SMTP_SECONDS = 30
#: Name and value of the field by which a mail program ends mails in its reader's name (RFC 8058).
ONE_CLICK = ("List-Unsubscribe", "One-Click")


class MailMessage(Base):
    """One mail in the outbox: a template with its values, or a body rendered already."""

    __tablename__ = "mail_message"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str]
    language: Mapped[str]
    template: Mapped[str]
    context: Mapped[dict[str, Any]]
    subject: Mapped[str | None]
    body: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Subject and plain text of a mail in its reader's language, and the address that answers go to."""

    subject: str
    body: str
    reply_to: str = ""


Renderer = Callable[[str, str, Mapping[str, Any]], Rendered]


class WholeAddresses(EmailPolicy):
    """Leaves the address that ends mails in one piece: folded, it would be encoded, and nobody reads that."""

    def fold(self, name: str, value: Any) -> str:
        """Return one header as its lines."""
        return f"{name}: {value}{self.linesep}" if name == ONE_CLICK[0] else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return one header as its lines, in bytes."""
        return self.fold(name, value).encode() if name == ONE_CLICK[0] else super().fold_binary(name, value)


class Transport(Protocol):
    """A way for mails to leave the site."""

    def send(self, message: EmailMessage) -> None:
        """Hand one mail over; raise OSError or smtplib.SMTPException when it is not taken."""


def is_address(text: str) -> bool:
    """Tell whether a text has the form of a whole e-mail address."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None


def queue(
    session: Session, template: str, *, to: str, language: str, now: datetime,
    subject: str | None = None, body: str | None = None, **context: Any,
) -> MailMessage:  # fmt: skip
    """Write a mail to the outbox in the caller's transaction: ``templates/emails/<template>.txt`` with ``context``.

    ``context["unsubscribe"]``, an address, also becomes the mail's List-Unsubscribe header, with the promise of
    RFC 8058: a POST of ``ONE_CLICK`` to it ends such mails at once, without a sign-in.
    """
    message = MailMessage(
        id=new_id(), recipient=to, language=language, template=template, context=context,
        subject=subject, body=body, created_at=now,
    )  # fmt: skip
    session.add(message)
    jobs.enqueue(session, "mail.send", {"message": message.id}, due_at=now)
    return message


def send_message(
    database: Database, message_id: str, *, transport: Transport, render: Renderer, sender: str, now: datetime
) -> None:
    """Render and send one mail of the outbox; a mail that has left is not sent again."""
    with database.open() as session:
        message = session.get(MailMessage, message_id)
        if message is None or message.sent_at is not None:
            return
        rendered = (
            Rendered(message.subject, message.body)
            if message.subject is not None and message.body is not None
            else render(message.template, message.language, message.context)
        )
        letter = EmailMessage(WholeAddresses())
        # One line, whatever letters that break lines were typed into a name: a header takes none of them.
        letter["From"], letter["To"] = sender, message.recipient
        letter["Subject"] = " ".join(rendered.subject.split())
        if rendered.reply_to:
            letter["Reply-To"] = rendered.reply_to
        letter["Date"] = message.created_at
        letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2] or 'localhost'}>"
        letter["Auto-Submitted"] = "auto-generated"
        if stop := message.context.get("unsubscribe"):
            letter["List-Unsubscribe"] = f"<{stop}>"
            letter["List-Unsubscribe-Post"] = "=".join(ONE_CLICK)
        letter.set_content(rendered.body)
        letter["Content-Language"] = message.language
    transport.send(letter)
    with database.transaction() as session:
        message = session.get_one(MailMessage, message_id)
        message.subject, message.body, message.sent_at = rendered.subject, rendered.body, now


class FolderTransport:
    """Lays mails into a folder; the site shows them to its operator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write one .eml file."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        (self.folder / f"{name}.eml").write_bytes(bytes(message))


class SmtpTransport:
    """Sends by SMTP: ``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://…:465``."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)
        if self.parts.scheme not in ("smtp", "smtps") or not self.parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:port.")

    def send(self, message: EmailMessage) -> None:
        """Hand one mail to the server."""
        host, secure = str(self.parts.hostname), self.parts.scheme == "smtps"
        port = self.parts.port or (465 if secure else 587)
        context = ssl.create_default_context()
        client: smtplib.SMTP = (
            smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
            if secure
            else smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
        )
        with client:
            client.ehlo()
            if not secure and client.has_extn("starttls"):
                client.starttls(context=context)
                client.ehlo()
            if self.parts.username:
                client.login(unquote(self.parts.username), unquote(self.parts.password or ""))
            client.send_message(message)


def make_transport(smtp_url: str, outbox: Path) -> Transport:
    """Choose the way out that the settings ask for."""
    return SmtpTransport(smtp_url) if smtp_url else FolderTransport(outbox)

"""What may be done in submissions, and by whom."""

from __future__ import annotations

from portal.access import Law, Permission, Visitor, secretariat, signed_in
from submissions.models import Attachment, Entry
from submissions.rules import EntryState


class Entries(Permission):
    """Acts on entries; the clock and the state decide in the actions, with a sentence."""

    LIST = "list one's own entries"
    START = "start an entry"
    OPEN = "open an entry"
    EDIT = "edit an entry"
    SUBMIT = "submit an entry"
    WITHDRAW = "withdraw an entry"
    READ_RECEIPT = "read the receipt of an entry"
    PRINT = "print an entry"
    DOWNLOAD = "download an attachment"
    REMOVE_ATTACHMENT = "remove an attachment"


def of_their_organisation(visitor: Visitor, entry: Entry) -> bool:
    """Be a member of the organisation that enters."""
    return entry.organisation_id in visitor.organisations


def of_their_entry(visitor: Visitor, attachment: Attachment) -> bool:
    """Be a member of the organisation whose entry it belongs to."""
    return attachment.entry.organisation_id in visitor.organisations


def handed_in(_: Visitor, entry: Entry) -> bool:
    """Require that the entry was handed in at least once."""
    return entry.was_submitted


def of_an_entry_handed_in(_: Visitor, attachment: Attachment) -> bool:
    """Require that it belongs to an entry that was handed in and not taken back."""
    return attachment.entry.state not in (EntryState.DRAFT, EntryState.WITHDRAWN)


def no_draft(_: Visitor, entry: Entry) -> bool:
    """Require that the entry was handed in and not taken back."""
    return entry.state not in (EntryState.DRAFT, EntryState.WITHDRAWN)


LAW: Law = {
    Entries.LIST: [[signed_in]],
    Entries.START: [[signed_in]],
    Entries.OPEN: [[signed_in, of_their_organisation]],
    Entries.EDIT: [[signed_in, of_their_organisation]],
    Entries.SUBMIT: [[signed_in, of_their_organisation]],
    Entries.WITHDRAW: [[signed_in, of_their_organisation]],
    Entries.READ_RECEIPT: [[signed_in, of_their_organisation, handed_in]],
    Entries.PRINT: [[signed_in, of_their_organisation], [secretariat, no_draft]],
    Entries.DOWNLOAD: [[signed_in, of_their_entry], [secretariat, of_an_entry_handed_in]],
    Entries.REMOVE_ATTACHMENT: [[signed_in, of_their_entry]],
}

"""What may be done with accounts, people and organisations, and by whom."""

from __future__ import annotations

from portal.access import Law, Permission, Visitor, administrator, secretariat, signed_in
from portal.accounts.models import Organisation


class Accounts(Permission):
    """Acts on people, organisations and one's own account."""

    DESK = "desk"  # one's own desk and settings
    CREATE_ORGANISATION = "create organisation"
    EDIT_ORGANISATION = "edit organisation"
    MANAGE_PEOPLE = "manage people"
    READ_OUTBOX = "read outbox"
    READ_AUDIT = "read audit log"


def of_their_organisation(visitor: Visitor, organisation: Organisation) -> bool:
    """Member of the organisation."""
    return organisation.id in visitor.organisations


LAW: Law = {
    Accounts.DESK: [[signed_in]],
    Accounts.CREATE_ORGANISATION: [[signed_in]],
    Accounts.EDIT_ORGANISATION: [[signed_in, of_their_organisation], [secretariat]],
    Accounts.MANAGE_PEOPLE: [[administrator]],
    Accounts.READ_OUTBOX: [[administrator]],
    Accounts.READ_AUDIT: [[secretariat]],
}

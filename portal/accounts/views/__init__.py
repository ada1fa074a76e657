"""Pages of one's own account, of organisations, and the administrator's pages of people, mails and records."""

from portal.accounts.views import invitations, organisations, own, people, records
from portal.accounts.views.blueprint import pages

__all__ = ["invitations", "organisations", "own", "pages", "people", "records"]

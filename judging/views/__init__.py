"""A judge's pages."""

from judging.views import conflicts, invitations, reading_list, room
from judging.views.blueprint import pages

__all__ = ["conflicts", "invitations", "pages", "reading_list", "room"]

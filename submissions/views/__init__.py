"""Pages of a city's entries: the list, the editor, handing in, and the empty forms."""

from submissions.views import editing, entries, handing_in, reading
from submissions.views.blueprint import pages

__all__ = ["editing", "entries", "handing_in", "pages", "reading"]

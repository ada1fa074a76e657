"""What may be done in the room of editions, and by whom."""

from __future__ import annotations

from portal.access import Law

LAW: Law = {}

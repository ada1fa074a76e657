"""What stands in the outbox folder, as its readers get it."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path

PASSWORD = "seven quiet bridges"


def read_letters(outbox: Path) -> dict[str, str]:
    """Return subject → text of every mail, in the order of the folder."""
    found = {}
    for path in sorted(outbox.glob("*.eml")):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        found[str(letter["Subject"])] = letter.get_content()
    return found


def link_in(text: str) -> str:
    """Return the path of the only link in a mail."""
    links = re.findall(r"http://portal\.test(/\S+)", text)
    assert len(links) == 1, links
    return str(links[0])

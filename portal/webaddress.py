"""What people type where a web address is asked for: completed where its beginning is missing, and checked."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

_LONGEST = 2000


def completed(typed: Any) -> str:
    """Return an address as typed, with its beginning where it was left out, such as in www.seoul.go.kr."""
    text = "" if typed is None else str(typed).strip()
    return f"https://{text}" if "." in text and not re.search(r"[\s:@]", text) else text


def is_web_address(typed: Any) -> bool:
    """Tell whether what was typed is, when completed, a whole http or https address."""
    text = completed(typed)
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    named = parts.scheme in ("http", "https") and re.fullmatch(r"[^\s/.]+(\.[^\s/.]+)+", host) is not None
    return named and len(text) <= _LONGEST and not re.search(r"[\s<>\"]", text)

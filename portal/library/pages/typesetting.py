"""Makes a PDF of a case: in a process of its own, so that its time is bounded and no worker keeps fonts in memory.

The process gets this file alone and the words as JSON; it reads no other part of the portal.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger("portal.library")

TEMPLATE = Path(__file__).resolve().parents[3] / "templates" / "library" / "case.typ"
#: Archival, tagged and accessible; with it a letter that no font has is an error instead of a box.
STANDARDS: tuple[Literal["a-2a", "ua-1"], ...] = ("a-2a", "ua-1")
#: Packages with the fonts: Korean, Japanese and Chinese; Latin, Greek and Cyrillic; Thai; Arabic.
FONTS = ("noto_cjk_sans_otc", "fontpkg_noto_sans", "fontpkg_noto_sans_thai", "fontpkg_amiri")
#: Seconds until a PDF is given up, and those for which a request waits until others are made.
MOST_SECONDS, MOST_WAITING = 20, 10
#: PDFs that one web process makes at a time, and those that it remembers (about 60 kB each).
AT_ONCE, MOST_KEPT = 2, 100
#: Letters without a font that are replaced by their names before the PDF is given up.
_MOST_UNKNOWN = 30

_UNKNOWN = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_turns = threading.BoundedSemaphore(AT_ONCE)


class NotTypeset(Exception):
    """The PDF could not be made, or not in time."""


@lru_cache(maxsize=MOST_KEPT)
def typeset(told: str) -> bytes:
    """Return the PDF of a case told as JSON; the same words give the same bytes. Raises NotTypeset."""
    if not _turns.acquire(timeout=MOST_WAITING):
        raise NotTypeset("too many at once")
    try:
        made = subprocess.run(
            [sys.executable, "-I", __file__], input=told.encode(), capture_output=True, timeout=MOST_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as problem:
        log.exception(
            "a PDF was not made: %s", (getattr(problem, "stderr", None) or b"")[-2_000:].decode(errors="replace")
        )
        raise NotTypeset from problem
    finally:
        _turns.release()
    return made.stdout


def compose(told: str, *, strict: bool = False) -> bytes:
    """Return the PDF in this process; a letter that no font has becomes its name, or with ``strict`` an error."""
    import typst

    spoken = _mapped(json.loads(told), _without_controls)
    folders = [str(Path(place)) for name in FONTS for place in _places(name)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    for _ in range(_MOST_UNKNOWN):
        compiler = typst.Compiler(
            TEMPLATE.read_bytes(), font_paths=fonts, sys_inputs={"case": json.dumps(spoken, ensure_ascii=False)}
        )
        try:
            made = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=spoken["stamp"])
        except typst.TypstError as problem:
            unknown = _UNKNOWN.search(str(problem.message))
            if strict or unknown is None:
                raise
            letters = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unknown[1])
            names = {ord(letter): _name_of(letter) for letter in letters}
            spoken = _mapped(spoken, partial(_named, names))
        else:
            return bytes(made)  # type: ignore[arg-type]
    raise NotTypeset("too many letters without a font")


def _places(name: str) -> list[str]:
    found = find_spec(name)
    return list(found.submodule_search_locations or ()) if found else []


def _without_controls(text: str) -> str:
    """Leave out letters that only steer: controls, halves of letters, and what chooses the look of an emoji."""
    return "".join(
        one
        for one in text
        if one in "\n\t" or (unicodedata.category(one) not in ("Cc", "Cs", "Cn") and not "\ufe00" <= one <= "\ufe0f")
    )


def _named(names: dict[int, str], text: str) -> str:
    return text.translate(names)


def _name_of(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return f"[{name.lower()}]" if name and not unicodedata.combining(letter) and letter != "\u200d" else ""


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return JSON values with all their texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    return {name: _mapped(one, change) for name, one in value.items()} if isinstance(value, dict) else value


if __name__ == "__main__":
    sys.stdout.buffer.write(compose(sys.stdin.buffer.read().decode()))

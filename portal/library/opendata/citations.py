"""Citations of a case as reference managers read them: BibTeX, RIS, and CSL-JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from babel import Locale

#: The kinds of citation and the media type of each.
KINDS = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json; charset=utf-8",
}

#: What LaTeX would take for a command; braces become words so that BibTeX can go on counting its own.
_LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited, in the words of one language."""

    id: str
    title: str
    author: str
    publisher: str
    year: int
    url: str
    language: str
    version: int
    note: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()


def write(citation: Citation, kind: str) -> str:
    """Return a citation as a text of one of KINDS."""
    return {"bib": bibtex, "ris": ris, "csl": csl}[kind](citation)


def key_of(case_id: str) -> str:
    """Return the key of a case: always the same, and made of letters that every program takes."""
    return "case-" + re.sub(r"[^A-Za-z0-9-]", "-", case_id)


def bibtex(citation: Citation) -> str:
    """Return an entry for BibTeX or biblatex, in UTF-8; a second pair of braces keeps names and capitals whole."""
    fields = {
        "author": f"{{{_latex(citation.author)}}}",
        "title": f"{{{_latex(citation.title)}}}",
        "year": str(citation.year),
        "publisher": _latex(citation.publisher),
        "howpublished": rf"\url{{{citation.url}}}",
        "url": citation.url,
        "language": citation.language,
        "langid": Locale("en").languages.get(citation.language.partition("-")[0], "").lower(),
        "version": str(citation.version),
        "note": _latex(citation.note),
        "keywords": _latex(", ".join(citation.keywords)),
    }
    lines = [f"  {name:<12} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key_of(citation.id)},\n" + ",\n".join(lines) + "\n}\n"


def _latex(text: str) -> str:
    return _line(text).translate(_LATEX)


def ris(citation: Citation) -> str:
    """Return a record as the RIS format has it: a tag, two spaces, a hyphen, and one line for each value."""
    pairs = [
        ("TY", "ELEC"), ("ID", key_of(citation.id)), ("AU", citation.author), ("TI", citation.title),
        ("PY", str(citation.year)), ("PB", citation.publisher), ("LA", citation.language), ("UR", citation.url),
        ("ET", str(citation.version)), ("N1", citation.note), ("AB", citation.abstract),
        *(("KW", keyword) for keyword in citation.keywords),
    ]  # fmt: skip
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in pairs if value) + "ER  - \r\n"


def csl(citation: Citation) -> str:
    """Return a list of one item in the JSON of the Citation Style Language 1.0.2."""
    item = {
        "id": key_of(citation.id),
        "type": "webpage",
        "title": citation.title,
        "author": [{"literal": citation.author}],
        "issued": {"date-parts": [[citation.year]]},
        "publisher": citation.publisher,
        "URL": citation.url,
        "language": citation.language,
        "version": str(citation.version),
        "note": citation.note,
        "abstract": citation.abstract,
        "keyword": ", ".join(citation.keywords),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1) + "\n"


def _line(text: str) -> str:
    """Return a text on one line, without characters that no reference manager expects."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())

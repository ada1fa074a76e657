"""The library as a dataset among others: a description by DCAT 3, as Turtle and as JSON-LD from the same facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LANGUAGES = "http://id.loc.gov/vocabulary/iso639-1/"
#: Words of the European Union that catalogues everywhere read: a subject, and how often the data change.
ABOUT_CITIES = "http://publications.europa.eu/resource/authority/data-theme/REGI"
IRREGULARLY = "http://publications.europa.eu/resource/authority/frequency/IRREG"
#: The exports that are distributions, with their names and media types.
FILES = {
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class Iri:
    """The address of a thing."""

    address: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text in a language, or a value of a type such as ``xsd:dateTime``."""

    text: str
    language: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing with its type and what is said about it; without an address it is known by its place alone."""

    kind: str
    facts: Sequence[tuple[str, Value]]
    iri: Iri | None = None


Value = Iri | Words | Thing


@dataclass(frozen=True, slots=True)
class Library:
    """What the description tells; texts are given per language."""

    base: str
    names: Mapping[str, str]
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    file_titles: Mapping[str, Mapping[str, str]]
    """What each of FILES is called, by language and ending."""
    keywords: Mapping[str, Sequence[str]]
    contact_email: str
    licence: str
    rights: Mapping[str, str]
    years: tuple[int, int] | None
    changed_at: datetime | None


def describe(library: Library) -> list[Thing]:
    """Return the catalogue, its dataset with one distribution for each export, and its two services."""
    base = library.base
    dataset, catalogue = Iri(f"{base}/catalog#cases"), Iri(f"{base}/catalog")
    publisher = Thing(
        "foaf:Organization", [("foaf:name", word) for word in _words(library.names)], Iri(f"{base}/#publisher")
    )
    shared: list[tuple[str, Value]] = [
        ("dct:publisher", publisher.iri or catalogue),
        ("dct:license", Iri(library.licence)),
        *(("dct:language", Iri(LANGUAGES + tag.split("-")[0])) for tag in sorted(library.names)),
    ]
    if library.changed_at:
        stamp = library.changed_at.astimezone(UTC).isoformat(timespec="seconds")
        shared.append(("dct:modified", Words(stamp, kind="xsd:dateTime")))
    exports = [
        (f"{base}/{tag}/cases.{ending}", ending, media, tag)
        for tag in sorted(library.names)
        for ending, (_, media) in FILES.items()
    ]
    distributions = [
        Thing(
            "dcat:Distribution",
            [
                ("dct:title", Words(library.file_titles[tag][ending], tag)),
                ("dcat:accessURL", Iri(address)),
                ("dcat:downloadURL", Iri(address)),
                ("dcat:mediaType", Iri(MEDIA_TYPES + media)),
                ("dct:language", Iri(LANGUAGES + tag.split("-")[0])),
                ("dct:license", Iri(library.licence)),
            ],
            Iri(f"{base}/catalog#{ending}-{tag}"),
        )
        for address, ending, media, tag in exports
    ]
    about: list[tuple[str, Value]] = [
        *(("dct:title", word) for word in _words(library.titles)),
        *(("dct:description", word) for word in _words(library.descriptions)),
    ]
    rights = Thing("dct:RightsStatement", [("dct:description", word) for word in _words(library.rights)])
    contact: list[tuple[str, Value]] = [("vcard:fn", word) for word in _words(library.names)]
    if library.contact_email:
        contact.append(("vcard:hasEmail", Iri(f"mailto:{library.contact_email}")))
    facts: list[tuple[str, Value]] = [
        *about,
        *shared,
        ("dct:identifier", Words(dataset.address)),
        ("dct:rights", rights),
        *(("dcat:landingPage", Iri(f"{base}/{tag}/cases")) for tag in sorted(library.names)),
        ("dcat:theme", Iri(ABOUT_CITIES)),
        ("dct:accrualPeriodicity", Iri(IRREGULARLY)),
        ("dcat:contactPoint", Thing("vcard:Organization", contact)),
        *(("dcat:keyword", Words(word, tag)) for tag in sorted(library.keywords) for word in library.keywords[tag]),
        *(("dcat:distribution", one.iri or dataset) for one in distributions),
    ]
    if library.years:
        first, last = (Words(str(year), kind="xsd:gYear") for year in library.years)
        facts.append(("dct:temporal", Thing("dct:PeriodOfTime", [("dcat:startDate", first), ("dcat:endDate", last)])))
    services = [
        _service(base, "api", "/api/v1", "/api/v1/openapi.json", "https://spec.openapis.org/oas/v3.1.0", dataset),
        _service(base, "oai", "/oai", "/oai?verb=Identify", "http://www.openarchives.org/OAI/2.0/", dataset),
    ]
    whole = Thing(
        "dcat:Catalog",
        [
            *(("dct:title", word) for word in _words(library.names)),
            *(("dct:description", word) for word in _words(library.descriptions)),
            *shared,
            *(("foaf:homepage", Iri(f"{base}/{tag}/developers")) for tag in sorted(library.names)),
            ("dcat:dataset", dataset),
            *(("dcat:service", one.iri or dataset) for one in services),
        ],
        catalogue,
    )
    return [whole, Thing("dcat:Dataset", facts, dataset), *distributions, *services, publisher]


def _service(base: str, name: str, endpoint: str, description: str, standard: str, dataset: Iri) -> Thing:
    return Thing(
        "dcat:DataService",
        [
            ("dct:title", Words({"api": "JSON interface", "oai": "OAI-PMH 2.0"}[name], "en")),
            ("dcat:endpointURL", Iri(base + endpoint)),
            ("dcat:endpointDescription", Iri(base + description)),
            ("dct:conformsTo", Iri(standard)),
            ("dcat:servesDataset", dataset),
        ],
        Iri(f"{base}/catalog#{name}"),
    )


def _words(texts: Mapping[str, str]) -> list[Words]:
    return [Words(texts[tag], tag) for tag in sorted(texts) if texts[tag]]


def turtle(things: Sequence[Thing]) -> str:
    """Write things as Turtle 1.1."""
    head = [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    return "\n".join([*head, "", *(f"{_turtle(one.iri)} {_facts(one, '')} .\n" for one in things)])


def _facts(thing: Thing, indent: str) -> str:
    inner = indent + "    "
    said = [f"a {thing.kind}", *(f"{name} {_turtle(value, inner)}" for name, value in thing.facts)]
    return f" ;\n{inner}".join(said)


def _turtle(value: Value | None, indent: str = "") -> str:
    if isinstance(value, Iri):
        return f"<{_iri(value.address)}>"
    if isinstance(value, Words):
        tail = f"@{value.language}" if value.language else f"^^{value.kind}" if value.kind else ""
        return json.dumps(value.text, ensure_ascii=False) + tail
    return f"[ {_facts(value, indent)} ]" if value else "[]"


def _iri(address: str) -> str:
    """Return an address with what must not stand between < and > written as percent codes."""
    return "".join(f"%{ord(letter):02X}" if letter in '<>"{}|^`\\' or letter <= " " else letter for letter in address)


def json_ld(things: Sequence[Thing]) -> dict[str, Any]:
    """Write things as JSON-LD 1.1."""
    return {"@context": PREFIXES, "@graph": [_node(one) for one in things]}


def _node(thing: Thing) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": _iri(thing.iri.address)} if thing.iri else {}
    node["@type"] = thing.kind
    for name, value in thing.facts:
        node.setdefault(name, []).append(_value(value))
    return node


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, Iri):
        return {"@id": _iri(value.address)}
    if isinstance(value, Thing):
        return _node(value)
    told = {"@value": value.text}
    if value.language:
        told["@language"] = value.language
    if value.kind:
        told["@type"] = value.kind
    return told

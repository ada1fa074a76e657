"""The JSON interface in the words of OpenAPI 3.1, written beside the code that answers."""

from __future__ import annotations

from typing import Any

from portal.config import Licence
from portal.definitions.vocabulary import vocabularies
from portal.library.opendata.holdings import COUNTED
from portal.library.search.port import FACETS, LONGEST_QUERY, MOST_PER_PAGE, Sort

Json = dict[str, Any]

_LANGUAGE = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_YEAR = {"type": "string", "pattern": r"^\s*([0-9]{4})?\s*$"}
_MEANINGS = {
    "year": "Year of the prize, four digits.",
    "category": "Category of the prize.",
    "rank": "Prize or rank.",
    "country": "Country, ISO 3166-1 alpha-2.",
    "region": "Region of the world.",
    "theme": "Subject of the case.",
    "sdg": "Sustainable Development Goal, 1 to 17.",
    "target": "Group of people the programme is for.",
    "language": "Language in which the case is told.",
    "kind": "Kind of case.",
}


def describe(site_url: str, licence: Licence) -> Json:
    """Return the description of the interface of one site."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Case library of a smart city prize",
            "version": "1",
            "description": "Read the real, published cases of the library. No key is needed. "
            f"The data may be used under {licence.name}; texts quote their sources.",
            "license": {"name": licence.name, "url": licence.address},
        },
        "servers": [{"url": site_url}],
        "paths": {
            "/api/v1/cases": {"get": _search()},
            "/api/v1/cases/{id}": {"get": _show()},
            "/api/v1/suggest": {"get": _suggest()},
            "/api/v1/editions": {"get": _operation("listEditions", "List the editions of the prize.", "Editions")},
            "/api/v1/statistics": {
                "get": _operation("showStatistics", "Count the cases by " + ", ".join(COUNTED) + ".", "Statistics")
            },
        },
        "components": {"schemas": _schemas(), "responses": _refusals()},
    }


def _operation(name: str, summary: str, schema: str, parameters: list[Json] | None = None, *refusals: str) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {
            "200": {
                "description": "The answer; its ETag can be sent back as If-None-Match.",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
            },
            "304": {"description": "The answer is the one that If-None-Match names."},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in (*refusals, "429")},
        },
    }


def _search() -> Json:
    parameters = [
        _query("q", f"Words to look for, in any language; at most {LONGEST_QUERY} bytes of UTF-8.", {"type": "string"}),
        _language("Language of titles and highlights."),
        *(_facet(facet) for facet in FACETS),
        _query("year_from", "Earliest year.", _YEAR),
        _query("year_to", "Latest year.", _YEAR),
        _query("sort", "Order.", {"enum": [*(sort.value for sort in Sort), ""], "default": "relevance"}),
        _query("page", "Page, from 1 on.", _whole(10_000, 1)),
        _query("per_page", "Cases on one page.", _whole(MOST_PER_PAGE, 20)),
    ]
    return _operation("searchCases", "Search the library.", "Answer", parameters, "422")


def _suggest() -> Json:
    parameters = [
        _query("q", "The beginning of a question; 100 letters are read.", {"type": "string"}),
        _language("Language of the suggestions; English when the site does not offer it."),
    ]
    return _operation("suggest", "Suggest how a question could go on.", "Suggestions", parameters, "422")


def _language(description: str) -> Json:
    return _query("lang", description, {"type": "string", "pattern": rf"^\s*({_LANGUAGE})?\s*$", "default": "en"})


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _whole(most: int, default: int) -> Json:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _facet(facet: str) -> Json:
    values: Json = _YEAR if facet == "year" else {"type": "string"}
    return {
        **_query(facet, _MEANINGS[facet] + " May be repeated.", {"type": "array", "items": values}),
        "style": "form",
        "explode": True,
    }


def _show() -> Json:
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return _operation("showCase", "Read a case in all its languages.", "Case", [identity], "404", "410")


def _refusals() -> Json:
    meanings = {
        "404": "There is no such case, or it has not been published.",
        "410": "The case was withdrawn.",
        "422": "A parameter cannot be understood.",
        "429": "Too many questions in one minute.",
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        status: {
            "description": meaning,
            "content": content,
            **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status == "429" else {}),
        }
        for status, meaning in meanings.items()
    }


def _object(properties: Json, *, optional: tuple[str, ...] = (), **further: Any) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **further}


def _words(name: str, *, or_none: bool = False) -> Json:
    """Return the schema of a word of a vocabulary."""
    values: list[str | None] = list(vocabularies()[name])
    return {"enum": [*values, None] if or_none else values}


def _schemas() -> Json:
    text, address = {"type": "string"}, {"type": "string", "format": "uri"}
    year, country = {"type": "integer"}, {"type": "string", "pattern": "^[A-Z]{2}$"}
    moment = {"type": ["string", "null"], "format": "date-time"}
    count = _object({"value": {"type": ["string", "integer"]}, "count": {"type": "integer", "minimum": 0}})
    counts = {"type": "array", "items": count}
    themes = {"type": "array", "items": _words("themes")}
    item = _object({
        "id": text, "title": text, "city": text, "country": country, "year": year,
        "rank": _words("ranks", or_none=True), "category": {"type": ["string", "null"]}, "themes": themes,
        "url": address, "highlight": text,
    }, additionalProperties=False)  # fmt: skip
    source = _object({"title": text, "url": {"type": ["string", "null"]}})
    case = {
        "id": text, "url": address, "version": {"type": "integer", "minimum": 1},
        "changed_at": {"type": "string", "format": "date-time"},
        "visible_from": {"type": "string", "format": "date-time"}, "kind": _words("kinds"), "award": text,
        "edition_slug": text, "category": text, "rank": _words("ranks"), "rank_text": text,
        "year": year, "organisation": text, "city": text, "country": country, "lat": {"type": "number"},
        "lon": {"type": "number"}, "geo_basis": text, "themes": themes, "certainty": _words("certainty"), "note": text,
        "original_language": {"type": "string", "pattern": f"^{_LANGUAGE}$"}, "source_title": text, "source_url": text,
        "extra_sources": {"type": "array", "items": source}, "details": {"type": "object"},
    }  # fmt: skip
    always = {"id", "url", "version", "changed_at", "visible_from", "kind", "award", "year", "city", "country",
              "certainty", "original_language"}  # fmt: skip
    edition = _object({
        "slug": text, "year": year, "names": {"type": "object", "additionalProperties": text}, "time_zone": text,
        "call_opens_at": moment, "call_closes_at": moment, "ceremony_at": moment,
        "prizes": {"type": "integer", "minimum": 0}, "cases": {"type": "integer", "minimum": 0},
        "url": {"type": ["string", "null"], "format": "uri"},
    }, additionalProperties=False)  # fmt: skip
    total = {"type": "integer", "minimum": 0}
    return {
        "Error": _object({"error": {"type": "string", "minLength": 1}}, additionalProperties=False),
        "Answer": _object({
            "total": total, "items": {"type": "array", "items": item},
            "facets": _object(dict.fromkeys(FACETS, counts)),
        }, additionalProperties=False),
        "Case": _object(
            case,
            optional=tuple(name for name in case if name not in always),
            patternProperties={"^(title|summary|problem|solution|outcomes|lessons|body|city|note)_": text},
            additionalProperties=False,
        ),
        "Suggestions": _object({"items": {"type": "array", "items": _object({
            "label": text, "note": text, "url": address, "language": {"type": ["string", "null"]},
        }, additionalProperties=False)}}, additionalProperties=False),
        "Editions": _object({"total": total, "items": {"type": "array", "items": edition}}, additionalProperties=False),
        "Statistics": _object(
            {"total": total, "counts": _object(dict.fromkeys(COUNTED, counts), additionalProperties=False)},
            additionalProperties=False,
        ),
    }  # fmt: skip

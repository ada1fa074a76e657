"""The library as catalogues and harvesters read it: DCAT, and OAI-PMH."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.http import generate_etag

from portal import clock
from portal.access import Public
from portal.definitions.vocabulary import vocabularies
from portal.i18n import choose, negotiate
from portal.library.labels import theme_texts
from portal.library.models import Case
from portal.library.opendata import catalogue, harvesting
from portal.library.opendata.door import as_xml, last_change, listed, pages, site_in, speaking, tags
from portal.library.opendata.harvesting import Fault
from portal.library.opendata.holdings import Listed, list_whole_cases
from portal.web import needs, portal, session


@pages.route("/catalog")
@needs(Public.READ)
def find_catalogue() -> ResponseReturnValue:
    """Lead from the address that names the catalogue to its description, for people to the page on open data."""
    g.private = True
    wished = request.accept_mimetypes.best_match(["text/turtle", "application/ld+json", "text/html"], "text/turtle")
    if wished == "text/html":
        spoken = negotiate([tag for tag, _ in request.accept_languages], portal().languages)
        target = url_for("library_data.show_developers", lang=spoken)
    else:
        target = url_for("library_data.show_catalogue", ending="jsonld" if wished == "application/ld+json" else "ttl")
    response = current_app.make_response(redirect(target, 303))
    response.vary.update(("Accept", "Accept-Language"))
    return response


@pages.route("/catalog.<any(ttl, jsonld):ending>")
@needs(Public.READ)
def show_catalogue(ending: str) -> ResponseReturnValue:
    """Describe the library as a dataset by DCAT 3."""
    things = catalogue.describe(describe_library())
    if ending == "ttl":
        return Response(catalogue.turtle(things), content_type="text/turtle; charset=utf-8")
    told = json.dumps(catalogue.json_ld(things), ensure_ascii=False, indent=1) + "\n"
    return Response(told, content_type="application/ld+json")


def describe_library() -> catalogue.Library:
    """Return what can be told of the library as a dataset, in every language of the site."""
    held = [one for one in listed() if not one.is_withdrawn]
    years, licence = [one.year for one in held], portal().settings.data_licence
    themes = {theme for one in held for theme in one.themes}
    titles, descriptions, rights = {}, {}, {}
    file_titles: dict[str, dict[str, str]] = {}
    for tag in tags():
        with speaking(tag):
            titles[tag] = gettext("Case library of smart cities")
            descriptions[tag] = gettext(
                "Programmes of cities that won a prize or serve as an example, each with its sources, in several "
                "languages."
            )
            rights[tag] = gettext(
                "The data may be used under %(licence)s. Texts quote their sources, which belong to their publishers.",
                licence=licence.name,
            )
            file_titles[tag] = {
                ending: gettext("All cases as %(format)s", format=name) for ending, (name, _) in catalogue.FILES.items()
            }
    return catalogue.Library(
        base=portal().settings.site_url,
        names={tag: site_in(tag).name for tag in tags()},
        titles=titles,
        descriptions=descriptions,
        file_titles=file_titles,
        keywords={
            tag: sorted({choose(names, tag).text for slug, names in vocabularies()["themes"].items() if slug in themes})
            for tag in tags()
        },
        contact_email=site_in("en").contact_email,
        licence=licence.address,
        rights=rights,
        years=(min(years), max(years)) if years else None,
        changed_at=last_change(),
    )


@pages.route("/oai", methods=["GET", "POST"])
@needs(Public.READ)
def harvest() -> ResponseReturnValue:
    """Answer a harvester by OAI-PMH 2.0; what is wrong is said as the protocol says it, with status 200."""
    g.private = True  # it names its own moment: a kept answer would tell when something unseen has changed
    arguments: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    shown: dict[str, Any] = {"arguments": sorted(arguments.items()), "fault": None, "verb": ""}
    try:
        shown["verb"] = harvesting.check_arguments(arguments)
        shown |= _listed_by(shown["verb"], arguments)
    except Fault as fault:
        shown["fault"] = fault
        if fault.code in ("badVerb", "badArgument"):
            shown["arguments"] = []
    responded = harvesting.stamp(clock.now())
    answer = as_xml(
        "library/oai.xml", "text/xml", base_url=f"{portal().settings.site_url}/oai", prefix=_prefix(),
        responded=responded, stamp=harvesting.stamp, sets_of=harvesting.sets_of,
        name_of_set=harvesting.name_of_set, **shown,
    )  # fmt: skip
    if request.method != "POST":  # the mark of what is told, whenever that is
        answer.set_etag(generate_etag(answer.get_data().replace(responded.encode(), b"", 1)), weak=True)
    return answer


def _listed_by(verb: str, arguments: MultiDict[str, str]) -> dict[str, Any]:
    """Return what an answer shows beside its head. Raises Fault."""
    if verb == "Identify":
        site = site_in("en")
        earliest = harvesting.stamp(listed()[0].changed_at) if listed() else "1970-01-01T00:00:00Z"
        email = harvesting.choose_email(site.contact_email, portal().settings.mail_from, host=_host())
        return {"name": site.name, "email": email, "earliest": earliest}
    if verb == "ListMetadataFormats":
        if "identifier" in arguments:
            _named(arguments["identifier"])
        return {}
    if verb == "ListSets":
        if "resumptionToken" in arguments:
            raise Fault("badResumptionToken", "The list of sets comes in one piece.")
        if not (sets := harvesting.list_sets(listed())):
            raise Fault("noSetHierarchy", "There is no set yet.")
        return {"sets": sets}
    if verb == "GetRecord":
        one = _named(arguments["identifier"])
        harvesting.check_format(arguments["metadataPrefix"])
        return {"one": one, "told": _told([one])}
    part = harvesting.cut(listed(), verb, harvesting.read_wish(verb, arguments))
    return {"part": part, "told": _told(part.members) if verb == "ListRecords" else {}}


def _prefix() -> str:
    """Return what stands before the id of a case in its identifier."""
    return f"oai:{_host()}:"


def _host() -> str:
    return portal().settings.site_url.partition("://")[2].partition("/")[0].partition(":")[0]


def _named(identifier: str) -> Listed:
    found = next((one for one in listed() if _prefix() + one.id == identifier), None)
    if found is None:
        raise Fault("idDoesNotExist", "No case has this identifier.")
    return found


def _told(members: tuple[Listed, ...] | list[Listed]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the Dublin Core of cases: elements with their texts and languages; nothing for withdrawn ones."""
    ids = [one.id for one in members if not one.is_withdrawn]
    return {one: _dublin_core(case) for one, case in list_whole_cases(session(), ids, now=clock.now()).items()}


def _dublin_core(case: Case) -> list[tuple[str, str, str]]:
    texts = sorted(case.texts, key=lambda text: (text.language != case.original_language, text.language))
    elements = [
        *(("title", text.title, text.language) for text in texts),
        ("creator", case.organisation or case.city, ""),
        *(
            ("subject", theme_texts(theme)[tag], tag)
            for theme in case.themes
            for tag in tags()
            if tag in theme_texts(theme)
        ),
        *(("description", text.summary, text.language) for text in texts if text.summary),
        *(("publisher", site_in(tag).name, tag) for tag in tags() if any(text.language == tag for text in texts)),
        ("date", str(case.year), ""),
        ("type", "Text", ""),
        ("identifier", f"{portal().settings.site_url}/c/{case.id}", ""),
        *(("source", source.url or source.title, "") for source in case.sources),
        *(("language", text.language, "") for text in texts),
        ("coverage", case.city, ""),
        ("coverage", case.country, ""),
        ("rights", portal().settings.data_licence.address, ""),
    ]
    return [element for element in elements if element[1]]

"""The library's description for catalogues, and the schema.org data of its pages, as an RDF library reads them."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from rdflib import DCAT, DCTERMS, RDF, SDO, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from portal import clock
from portal.config import Licence, read_settings
from portal.db import Database
from portal.i18n import offered
from portal.library.actions import collections as actions
from portal.library.opendata import catalogue
from portal.library.opendata.catalogue import Iri, Thing, Words
from tests.browser import Browser
from tests.portal.library.conftest import publish

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader of JSON-LD

BASE = "http://portal.test"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
SCHEMA = Namespace("https://schema.org/")


def both(browser: Browser) -> tuple[Graph, Graph]:
    """Return the description as it is read from Turtle and from JSON-LD."""
    told = [browser.client.get(f"/catalog.{ending}") for ending in ("ttl", "jsonld")]
    assert [one.mimetype for one in told] == ["text/turtle", "application/ld+json"]
    return Graph().parse(data=told[0].text, format="turtle"), Graph().parse(data=told[1].text, format="json-ld")


def test_both_forms_say_the_same(library: Database, browser: Browser) -> None:
    turtle, json_ld = both(browser)

    assert len(turtle) > 100
    assert isomorphic(turtle, json_ld)


def test_the_dataset_is_complete(library: Database, browser: Browser) -> None:
    graph, _ = both(browser)
    dataset = graph.value(URIRef(f"{BASE}/catalog"), DCAT.dataset)

    assert (dataset, RDF.type, DCAT.Dataset) in graph
    assert graph.value(dataset, DCTERMS.license) == URIRef(CC_BY)
    titles = {title.language: str(title) for title in graph.objects(dataset, DCTERMS.title)}
    assert titles == {"en": "Case library of smart cities", "ko": "스마트도시 사례 라이브러리"}
    assert set(titles) == set(offered())
    for told in (DCTERMS.description, DCTERMS.rights / DCTERMS.description):
        spoken = {one.language: str(one) for one in graph.objects(dataset, told)}
        assert set(spoken) == set(offered())
        assert re.search("[가-힣]", spoken["ko"])
        assert not re.search("[가-힣]", spoken["en"])
    assert Literal("건강", lang="ko") in set(graph.objects(dataset, DCAT.keyword))
    downloads = {
        str(graph.value(one, DCAT.downloadURL)).removeprefix(BASE) for one in graph.objects(dataset, DCAT.distribution)
    }
    assert downloads == {f"/{tag}/cases.{ending}" for tag in offered() for ending in ("csv", "json", "xlsx")}
    for one in graph.objects(dataset, DCAT.distribution):
        ending = str(graph.value(one, DCAT.downloadURL)).rpartition(".")[2]
        assert str(graph.value(one, DCTERMS.title)).casefold().count(ending) == 1
        media = str(graph.value(one, DCAT.mediaType)).removeprefix(catalogue.MEDIA_TYPES)
        assert media == browser.client.get(str(graph.value(one, DCAT.downloadURL)).removeprefix(BASE)).mimetype
        assert graph.value(one, DCTERMS.license) == URIRef(CC_BY)
    services = {str(graph.value(one, DCAT.endpointURL)) for one in graph.subjects(RDF.type, DCAT.DataService)}
    assert services == {f"{BASE}/api/v1", f"{BASE}/oai"}
    for address in (*downloads, "/api/v1/openapi.json", "/oai?verb=Identify"):
        assert browser.client.get(address).status_code == 200, address
    assert not [value for value in graph.objects() if isinstance(value, Literal) and value.ill_typed]


def test_the_address_of_the_catalogue_leads_to_its_description(library: Database, browser: Browser) -> None:
    for accept, target in (
        ("*/*", "/catalog.ttl"), ("text/turtle", "/catalog.ttl"), ("application/ld+json", "/catalog.jsonld"),
        ("application/pdf", "/catalog.ttl"), ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "/ko/developers"),
    ):  # fmt: skip
        found = browser.client.get("/catalog", headers={"Accept": accept, "Accept-Language": "ko,en;q=0.5"})
        assert (found.status_code, found.headers["Location"]) == (303, target), accept
        assert {"Accept", "Accept-Language"} <= set(found.vary)
        assert browser.client.get(target).status_code == 200


def test_keywords_are_themes_of_cases(library: Database, browser: Browser) -> None:
    def keywords() -> set[Literal]:
        graph, _ = both(browser)
        return set(graph.objects(URIRef(f"{BASE}/catalog#cases"), DCAT.keyword))

    assert Literal("주거", lang="ko") not in keywords()
    publish(library, id="homes", result=False, themes=("housing",))
    assert Literal("주거", lang="ko") in keywords()


def test_an_empty_library_is_described_too(database: Database, browser: Browser) -> None:
    turtle, json_ld = both(browser)
    assert isomorphic(turtle, json_ld)


def test_no_text_breaks_the_description() -> None:
    text = 'a "quoted" \\ text\nof two lines\t<b> é 건강 \x7f'
    things = [
        Thing(
            "dcat:Catalog",
            [("dct:title", Words(text, "en")), ("dcat:dataset", Iri('http://x/a b">'))],
            Iri("http://x/"),
        )
    ]
    turtle = Graph().parse(data=catalogue.turtle(things), format="turtle")

    assert isomorphic(turtle, Graph().parse(data=json.dumps(catalogue.json_ld(things)), format="json-ld"))
    assert next(turtle.objects(None, DCTERMS.title)) == Literal(text, lang="en")


def linked(browser: Browser, address: str) -> Graph:
    """Return the linked data of a page; every word in it is one of schema.org."""
    (script,) = browser.get(address).soup.select("script[type='application/ld+json']")
    told = json.loads(script.string)
    assert told["@context"] == "https://schema.org"
    addresses = {name: {"@type": "@id"} for name in ("url", "license", "image", "contentUrl")}
    told["@context"] = {"@vocab": str(SCHEMA), **addresses}  # as schema.org's own, without asking it
    graph = Graph().parse(data=json.dumps(told), format="json-ld")
    words = {*graph.predicates(), *graph.objects(None, RDF.type)} - {RDF.type}
    assert [word for word in words if word not in SDO] == []
    assert set(graph.objects(None, SCHEMA.license)) <= {URIRef(CC_BY)}
    return graph


def test_every_page_of_data_carries_linked_data(library: Database, browser: Browser) -> None:
    with library.transaction() as session:
        collection = actions.write_collection(
            session, None, slug="boats", names={"en": "Boats", "ko": "배"}, leads={}, visible_from=clock.now(), by=None,
            now=clock.now(),
        )  # fmt: skip
        actions.choose_members(session, collection, ["sscp-2024-baguio"], by=None, now=clock.now())
    case = URIRef(f"{BASE}/c/sscp-2024-baguio")
    for address in ("/ko/collections/boats", "/en/results/2024", "/en/results"):
        graph = linked(browser, address)
        page = graph.value(None, RDF.type, SCHEMA.CollectionPage)
        lines = list(graph.objects(graph.value(page, SCHEMA.mainEntity), SCHEMA.itemListElement))
        assert {int(graph.value(one, SCHEMA.position)) for one in lines} == set(range(1, len(lines) + 1))
        assert (case in set(graph.objects(None, SCHEMA.item))) == (address != "/en/results")
    graph = linked(browser, "/ko/developers")
    dataset = URIRef(f"{BASE}/catalog#cases")
    assert graph.value(dataset, RDF.type) == SCHEMA.Dataset
    assert graph.value(dataset, SCHEMA.license) == URIRef(CC_BY)
    files = {str(one).removeprefix(BASE) for one in graph.objects(None, SCHEMA.contentUrl)}
    assert files == {f"/ko/cases.{ending}" for ending in ("csv", "json", "xlsx")}
    assert (case, SCHEMA.isPartOf, dataset) in linked(browser, "/en/cases/sscp-2024-baguio")


def test_simulated_pages_carry_no_linked_data(library: Database, browser: Browser) -> None:
    publish(library, id="invented", simulated=True)
    for address in ("/en/cases/invented", "/en/results/2026", "/ar-XB/developers"):
        assert browser.get(address).soup.select("script[type='application/ld+json']") == [], address


def test_pages_name_their_feeds(library: Database, browser: Browser) -> None:
    def feeds(address: str) -> list[str]:
        found = browser.get(address).soup.select("link[type='application/atom+xml']")
        return [str(one["href"]) for one in found]

    both = ["/en/results.atom", "/en/cases.atom"]
    for page in ("/", "/cases", "/results/2024", "/winners", "/health", "/statistics", "/collections", "/developers",
                 "/cases/sscp-2024-baguio"):  # fmt: skip
        assert feeds(f"/en{page}") == both, page
    assert feeds("/ko/cases?q=건강&view=map&theme=health") == ["/ko/cases.atom?q=%EA%B1%B4%EA%B0%95&theme=health"]
    for address in (*both, feeds("/ko/cases?q=건강")[0]):
        assert browser.client.get(address).mimetype == "application/atom+xml"


def test_the_licence_is_named_in_one_place(
    library: Database, app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = app.extensions["portal"]
    other = read_settings({"PORTAL_INSTANCE": str(site.settings.instance), "SITE_URL": BASE,
                           "DATA_LICENCE": "KOGL Type 1 https://www.kogl.or.kr/info/license.do"})  # fmt: skip
    assert other.data_licence == Licence("KOGL Type 1", "https://www.kogl.or.kr/info/license.do")
    monkeypatch.setattr(site, "settings", other)
    for address in ("/catalog.ttl", "/catalog.jsonld", "/api/v1/openapi.json", "/en/cases.atom", "/en/developers",
                    "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/en/cases/sscp-2024-baguio"):  # fmt: skip
        text = browser.client.get(address).text
        assert "https://www.kogl.or.kr/info/license.do" in text, address
        assert "creativecommons" not in text, address
        assert "CC BY" not in text, address
    for wrong in ("CC BY 4.0", "https://example.org/", "CC BY 4.0 ftp://example.org"):
        with pytest.raises(ValueError, match="DATA_LICENCE"):
            read_settings({"PORTAL_INSTANCE": str(site.settings.instance), "DATA_LICENCE": wrong})


def test_case_pages_carry_linked_data(library: Database, browser: Browser) -> None:
    page = browser.get("/ko/cases/sscp-2024-baguio")
    told = json.loads(page.soup.select_one("script[type='application/ld+json']").string)
    assert told["@context"] == "https://schema.org"
    told["@context"] = {"@vocab": str(SCHEMA), "url": {"@type": "@id"}}  # as schema.org's own, without asking it
    graph = Graph().parse(data=json.dumps(told), format="json-ld")

    case = URIRef(f"{BASE}/c/sscp-2024-baguio")
    assert graph.value(case, RDF.type) is not None
    assert graph.value(case, SCHEMA.inLanguage) == Literal("ko")
    assert graph.value(graph.value(case, SCHEMA.about), SCHEMA.name) == Literal("바기오 스마트 건강관리 시스템")

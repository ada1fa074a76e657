"""The PDF of a case: every letter, what it holds, who gets it, how often and for how long."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.library.actions import cases as actions
from portal.library.details import Details, Indicator
from portal.library.labels import award_texts, rank_texts
from portal.library.models import Case
from portal.library.opendata.pace import Pace
from portal.library.pages import paper, pdf_views, typesetting
from tests.browser import Browser
from tests.portal.library.conftest import publish
from tests.portal.library.test_case_page import DETAILS, SOURCES, Telling

#: A sentence in each language in which cases may come, with letters that few fonts have.
SENTENCES = {
    "ko": "똠방각하와 펲시콜라: 서울특별시의 「스마트도시」, 쀍 ㎡ ㈜ ① → ₩.",
    "en": "Zürich’s “naïve” café – fjord, €5 × 3 ≥ 10 °C … Łódź, İzmir, Đà Nẵng.",
    "ja": "東京都は高齢者のために辻々へ「見守り」端末を置いた。ヴァーチャル、直す、骨。",
    "zh": "深圳市为老年人建设智慧医疗平台，骨科、直播、约一百万人受益。",
    "zh-Hant": "臺北市為長者設立智慧醫療平臺，骨科、直播、約一百萬人受惠。",
    "es": "¿Cómo llegó Bogotá a 3 millones de niñas y niños? ¡Con ñandúes, güiros y el 95 %!",
    "th": "กรุงเทพมหานครช่วยผู้สูงอายุด้วยน้ำดื่มสะอาดและกิ๊กเดียวที่ปู่รัก ฿๑๐๐",
    "vi": "Thành phố Hồ Chí Minh đã hỗ trợ người cao tuổi ở các phường.",
    "tr": "İstanbul’da yaşlılar için ağ, çığır ve ölçüm.",
    "el": "Η Αθήνα μέτρησε την υγεία των κατοίκων της.",
    "fa": "مشهد در رتبهٔ دوم شهرهای پایدار جهان؛ پژوهش، گچ، ۱۲۳ 123.",
    "ar": "مدينة ذكية تهتم بصحة سكانها: ٩٥٪.",
    "uk": "Львів виміряв здоров’я мешканців.",
}


def words_of(app: Flask, case_id: str, language: str = "en") -> dict[str, Any]:
    """Return what is typeset for a case."""
    with app.test_request_context(f"/{language}/cases/{case_id}.pdf"):
        app.preprocess_request()
        with app.extensions["portal"].database.open() as session:
            told = paper.case_on_paper(session.get_one(Case, case_id), now=clock.now())
    assert isinstance(told, dict)
    return told


def opened(made: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made))


def links_in(made: bytes) -> set[str]:
    with opened(made) as pdf:
        return {
            str(one.A.URI) for page in pdf.pages for one in page.get("/Annots", []) if "/A" in one and "/URI" in one.A
        }


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_letter_of_every_case_has_a_shape(library: Database, app: Flask, language: str) -> None:
    told = words_of(app, "sscp-2024-addisababa", language)
    texts: list[str] = []
    with library.open() as session:
        for case in session.scalars(select(Case)):
            texts += [case.city, case.city_names.get(language, ""), json.dumps(case.details, ensure_ascii=False)]
            texts += [*award_texts(case.award).values(), *rank_texts(case.rank_text).values()]
            texts += [f"{source.title} {source.url}" for source in case.sources]
            texts += [f"{text.title} {text.summary} {text.whole}" for text in case.texts]
    assert len(texts) > 500
    told["parts"] = [paper._part("All", "\n\n".join(filter(None, texts)))]
    assert typesetting.compose(json.dumps(told), strict=True).startswith(b"%PDF-")


@pytest.mark.parametrize("language", SENTENCES)
def test_every_language_has_its_letters(library: Database, app: Flask, language: str) -> None:
    told = words_of(app, "sscp-2023-odense")
    every = " ".join(SENTENCES.values())
    told |= {"language": language, "told": language, "title": SENTENCES[language], "summary": every, "site": every}
    told["parts"] = [
        paper._part(every, f"# {every}\n\n**{every}**\n\n- *{every}*\n\n| {every} | x |\n| - | - |\n| 1 | 2 |")
    ]
    with opened(typesetting.compose(json.dumps(told), strict=True)) as pdf:
        assert str(pdf.Root.Lang).partition("-")[0] == language.partition("-")[0]


def test_korean_is_broken_between_words_only(library: Database, app: Flask) -> None:
    told = words_of(app, "sscp-2023-odense", "ko")
    sentence = "어르신이 손목시계형 기기로 (걸음 수와) 심박수를 재고 '보건소'에서 원격으로 건강상담을 받습니다. "
    told["parts"] = [paper._part("가" * 50, sentence * 40)]
    with pypdfium2.PdfDocument(typesetting.compose(json.dumps(told))) as pdf:
        lines = [line for page in pdf for line in page.get_textpage().get_text_bounded().splitlines()]
    written = set(sentence.split())
    broken = [line for line in lines if "어르신" in line and not set(line.split()) <= written]
    assert (len([line for line in lines if "어르신" in line]) >= 20, broken) == (True, [])


def test_a_letter_without_a_shape_is_an_error_or_its_name(library: Database, app: Flask) -> None:
    told = words_of(app, "sscp-2023-odense")
    told["title"] = "Green \U0001f331 city\ufe0f \x07 \u12a0"
    with pytest.raises(RuntimeError, match="could not be displayed"):
        typesetting.compose(json.dumps(told), strict=True)
    with opened(typesetting.compose(json.dumps(told))) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Green [seedling] city  [ethiopic syllable glottal a]"


def test_words_are_never_code(library: Database, browser: Browser, app: Flask) -> None:
    wicked = '#panic("x") $1/0$ *a* _b_ `c` <d> @e = f \\ #read("/etc/passwd") ]'
    publish(
        library, id="wicked", city=wicked, sources=((wicked, "https://example.org/a?b=<c>"),), details=Details(partners=(wicked,)),
        texts={"en": Telling(wicked, wicked, body=f"{wicked}\n\n![x](http://example.org/x.png) <b>raw</b> [l](javascript:x)")},
    )  # fmt: skip
    made = browser.client.get("/en/cases/wicked.pdf")
    assert made.status_code == 200
    with opened(made.data) as pdf:
        assert str(pdf.docinfo["/Title"]) == wicked
    assert not [link for link in links_in(made.data) if link.startswith("javascript")]


def test_it_is_archival_tagged_and_leads_to_its_sources(library: Database, browser: Browser, app: Flask) -> None:
    publish(library, id="whole", details=DETAILS, sources=SOURCES, texts={
        "en": Telling("Floating clinic", "A boat.", problem="No doctor.\n\n- *far*\n- **poor**", solution="1. Boats", outcomes="Health.",
                      lessons="> Begin small.", body="## Later\n\nMore [here](https://example.org/here)."),
        "ko": Telling("떠다니는 진료소", "배가 간다."),
    })  # fmt: skip
    response = browser.client.get("/en/cases/whole.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="case-whole-en.pdf"'
    with opened(response.data) as pdf:
        told = pdf.open_metadata()
        assert (told["pdfaid:part"], told["pdfaid:conformance"], told["pdfuaid:part"]) == ("2", "A", "1")
        assert str(pdf.Root.Lang).startswith("en")
        assert "/StructTreeRoot" in pdf.Root
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
        assert fonts
        assert all("+NotoSans" in font for font in fonts), fonts
    site = app.extensions["portal"].settings
    wanted = {
        "https://example.org/report",
        "https://example.org/news",
        "https://example.org/here",
        f"{site.site_url}/c/whole",
    }
    assert wanted | {site.data_licence.address} == links_in(response.data)
    told = json.dumps(words_of(app, "whole"))
    for word in ("No doctor.", "Check-ups", "24.28%", "47,853", "13,000,000", "City University", "Boats", "Ten boats",
                 "Twelve boats", "Older people", "Pemba", "366,358", "Lower middle income", "Seoul Smart City Prize",
                 "Gold prize", "Permanent address", "Version 1 of", "retrieved on", "CC BY 4.0"):  # fmt: skip
        assert word in told, word
    assert "pages" not in told.split('"title"')[0]
    korean = words_of(app, "whole", "ko")
    assert korean["title"] == "떠다니는 진료소"


def test_the_same_words_give_the_same_bytes_and_a_mark(library: Database, browser: Browser) -> None:
    first = browser.client.get("/ko/cases/sscp-2024-baguio.pdf")
    mark = first.headers["ETag"]
    typesetting.typeset.cache_clear()
    assert browser.client.get("/ko/cases/sscp-2024-baguio.pdf").data == first.data
    again = browser.client.get("/ko/cases/sscp-2024-baguio.pdf", headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    head = browser.client.head("/ko/cases/sscp-2024-baguio.pdf")
    assert (head.status_code, head.headers["ETag"], head.data) == (200, mark, b"")
    assert browser.client.get("/en/cases/sscp-2024-baguio.pdf").headers["ETag"] != mark
    with library.transaction() as session:
        actions.change_case(
            session, session.get_one(Case, "sscp-2024-baguio"), {"city": "Bagyo"}, by=None, now=clock.now(), note="x"
        )
    assert browser.client.get("/ko/cases/sscp-2024-baguio.pdf", headers={"If-None-Match": mark}).status_code == 200


def test_only_what_the_public_sees_is_given(library: Database, browser: Browser, app: Flask) -> None:
    publish(library, id="draft", result=False, visible_from=None)
    publish(library, id="later", result=False, visible_from=clock.now() + timedelta(hours=1))
    publish(library, id="gone", result=False)
    publish(library, id="invented", result=False, simulated=True)
    with library.transaction() as session:
        actions.withdraw_case(session, session.get_one(Case, "gone"), reason="", by=None, now=clock.now())
    for case in ("draft", "later", "nothing"):
        assert b"Floating" not in browser.get(f"/en/cases/{case}.pdf", status=404).response.data
    gone = browser.get("/en/cases/gone.pdf", status=410)
    assert "This case was withdrawn" in gone.words
    assert "Floating" not in gone.text
    marked = browser.client.get("/en/cases/invented.pdf")
    assert (marked.status_code, marked.headers["X-Robots-Tag"]) == (200, "noindex")
    told = words_of(app, "invented")
    assert told["mark"] == told["simulated"]["title"] == "Simulated data"
    assert words_of(app, "sscp-2024-baguio")["simulated"] is None


def test_its_pace_is_bounded(library: Database, browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, pdf_views.PACE, Pace(1, 60))
    address = "/en/cases/sscp-2024-baguio.pdf"
    mark = browser.client.get(address).headers["ETag"]
    refused = browser.client.get(address)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert b"Too many questions" in refused.data
    assert browser.client.get(address, headers={"If-None-Match": mark}).status_code == 304


def test_its_time_is_bounded(library: Database, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    typesetting.typeset.cache_clear()
    monkeypatch.setattr(typesetting, "MOST_SECONDS", 0.001)
    late = browser.get("/en/cases/sscp-2024-baguio.pdf", status=503)
    assert "The PDF could not be made just now." in late.words


def test_long_tables_and_texts_go_on_on_the_next_page(library: Database, browser: Browser) -> None:
    rows = tuple(
        Indicator({"en": f"Number {place} " + "of something long " * 9}, DETAILS.indicators[0].value)
        for place in range(90)
    )
    publish(
        library, id="long", details=Details(indicators=rows), texts={"en": Telling("Long", "S", body="word " * 6_000)}
    )
    with opened(browser.client.get("/en/cases/long.pdf").data) as pdf:
        assert 8 < len(pdf.pages) < 40


def test_the_page_leads_to_it(library: Database, browser: Browser) -> None:
    for language, label in (("en", "Download as PDF"), ("ko", None)):
        link = browser.get(f"/{language}/cases/sscp-2024-baguio").soup.select_one('a[href$=".pdf"]')
        assert link["href"] == f"/{language}/cases/sscp-2024-baguio.pdf"
        assert label is None or label in link.get_text()
    assert browser.page.soup.select_one("button[data-print][hidden]")

"""Attachments through the pages: taken, refused with a sentence, described, handed out, removed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from portal.db import Database
from submissions.models import Attachment, Entry
from tests.browser import Browser
from tests.factories import make_organisation, make_user
from tests.submissions.conftest import City, full_answers

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FORM = "form[data-autosave]"


def png() -> bytes:
    """Return a valid picture of one dot."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
    )


def upload(browser: Browser, city: City, field: str, content: bytes, name: str, status: int = 303):
    browser.get(f"{city.path}/sections/evidence")
    return browser.submit({f"file-{field}": (BytesIO(content), name), "attach": field}, form=FORM, status=status)


def files_of(city: City, read: Callable[[str], Entry]) -> list[Attachment]:
    return read(city.entry.id).attachments


def test_a_file_is_attached_handed_out_and_removed_after_asking(
    city: City, read_entry_row: Callable[[str], Entry]
) -> None:
    browser = city.browser()
    assert "Begin with any section." in browser.get(city.path).words
    page = upload(browser, city, "documents", PDF, "../보고서 2026.pdf")
    assert "1 of 9 sections are done" in browser.get(city.path).words
    page = browser.get(f"{city.path}/sections/evidence")
    link = page.soup.find("a", string="보고서 2026.pdf")
    answer = browser.client.get(link["href"], buffered=True)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-cache" in answer.headers["Cache-Control"]
    page = browser.get(page.soup.find("a", string="Remove “보고서 2026.pdf”")["href"])
    assert page.soup.h1.get_text() == "Remove this file?"
    assert len(files_of(city, read_entry_row)) == 1
    browser.submit()
    assert files_of(city, read_entry_row) == []
    assert browser.page.response.request.path == f"{city.path}/sections/evidence"
    browser.get(link["href"], 404)


def test_a_picture_is_described_and_shown(city: City, read_entry_row: Callable[[str], Entry]) -> None:
    browser = city.browser()
    upload(browser, city, "photographs", png(), "bridge.png")
    (photo,) = files_of(city, read_entry_row)
    browser.submit({f"alt-{photo.id}": "A bridge at night", f"credit-{photo.id}": "Ann", "go": "next"}, form=FORM)
    page = browser.get(f"{city.path}/sections/evidence?check=1")
    assert page.soup.find("img", src=lambda src: photo.id in src)["alt"] == "A bridge at night"
    assert not page.soup.select(".error-summary")
    (photo,) = files_of(city, read_entry_row)
    assert (photo.alt_text, photo.credit) == ("A bridge at night", "Ann")


def test_refused_files_get_their_sentence_and_the_typed_text_stays(
    city: City, read_entry_row: Callable[[str], Entry]
) -> None:
    browser = city.browser()
    for content, name, sentence in (
        (b"MZ", "tool.exe", "cannot be attached"),
        (b"<html>", "page.pdf", "does not match its ending"),
        (b"", "empty.pdf", "is empty"),
    ):
        browser.get(f"{city.path}/sections/evidence")
        page = browser.submit(
            {"file-documents": (BytesIO(content), name), "links-0-title": "A film", "go": "next"}, form=FORM, status=422
        )
        assert sentence in page.soup.select_one(".error-summary").get_text()
        assert sentence in page.soup.find(id="file-documents-error").get_text()
        assert page.soup.find(id="links-0-title")["value"] == "A film"
    assert files_of(city, read_entry_row) == []
    assert read_entry_row(city.entry.id).answers == {}


def test_uploading_without_a_file_is_answered(city: City) -> None:
    browser = city.browser()
    browser.get(f"{city.path}/sections/evidence")
    page = browser.submit({"links-0-title": "A film", "attach": "documents"}, form=FORM, status=422)
    assert "Choose a file first" in page.soup.select_one(".error-summary a[href='#file-documents']").get_text()
    assert page.soup.find(id="links-0-title")["value"] == "A film"


def test_no_more_files_than_the_question_takes(
    make_city: Callable[..., City], read_entry_row: Callable[[str], Entry]
) -> None:
    city = make_city("people-centric-organisation")
    browser, path = city.browser(), f"{city.path}/sections/declarations_organisation"
    browser.get(path)
    page = browser.submit({"file-approval_letter": (BytesIO(PDF), "a.pdf"), "attach": "approval_letter"}, form=FORM)
    assert not page.soup.select("input[type=file]")
    assert "No more files can be attached here." in page.words
    data = {"revision": "0", "shown": "1", "file-approval_letter": (BytesIO(PDF + b" "), "b.pdf")}
    page = browser.post(path, data, 422)
    assert "At most 1 files can be attached here." in page.soup.select_one(".error-summary").get_text()
    assert [file.name for file in files_of(city, read_entry_row)] == ["a.pdf"]


def test_files_are_found_only_by_those_who_may_read_the_entry(
    make_city: Callable[..., City], database: Database, read_entry_row: Callable[[str], Entry]
) -> None:
    city = make_city(entry_answers=full_answers())
    browser = city.browser()
    upload(browser, city, "documents", PDF, "plan.pdf")
    (file,) = files_of(city, read_entry_row)
    path = f"/en/entries/attachments/{file.id}"
    with database.transaction() as session:
        other, secretary = make_user(session, "Other"), make_user(session, "Secretary", roles=("secretariat",))
        make_organisation(session, other, name="Elsewhere")
    for person in (other, secretary):
        assert PDF not in city.browser(person).get(path, 404).response.data
        city.browser(person).get(f"{path}/remove", 404)
        city.browser(person).post(f"{path}/remove", status=404)
    assert "/en/login" in Browser(city.app).get(path, 303).location
    browser.get(f"{city.path}/check")
    browser.submit()
    assert city.browser(secretary).client.get(path, buffered=True).data == PDF
    assert PDF not in city.browser(other).get(path, 404).response.data
    assert len(files_of(city, read_entry_row)) == 1


def test_files_cannot_be_changed_after_submitting(
    make_city: Callable[..., City], read_entry_row: Callable[[str], Entry]
) -> None:
    city = make_city(entry_answers=full_answers())
    browser = city.browser()
    upload(browser, city, "documents", PDF, "plan.pdf")
    (file,) = files_of(city, read_entry_row)
    browser.get(f"{city.path}/check")
    browser.submit()
    page = browser.post(f"/en/entries/attachments/{file.id}/remove", status=422)
    assert "This entry was submitted and cannot be changed any more." in page.words
    browser.post(f"{city.path}/sections/evidence", {"file-documents": (BytesIO(PDF + b" "), "b.pdf")}, 422)
    assert [one.name for one in files_of(city, read_entry_row)] == ["plan.pdf"]
    receipt = browser.get(f"{city.path}/receipt")
    assert receipt.soup.find("a", string="plan.pdf")

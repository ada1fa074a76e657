"""A client that behaves like a browser and criticises every page it gets."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask import session as request_session
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from portal.accounts.models import User


class Page:
    """One answer, parsed."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.get_data(as_text=True)
        self.soup = BeautifulSoup(self.text, "html.parser")

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.response.headers.get("Location", "")

    @property
    def words(self) -> str:
        """The visible text, white space folded."""
        return " ".join(self.soup.get_text(" ").split())


def without_tokens(page: Page) -> str:
    """Return the source of a page without its form tokens, whose letters come by chance."""
    return re.sub(r'(name="csrf_token"[^>]*) value="[^"]*"', r"\1", page.text)


class Browser:
    """Fetches pages, fills forms by their names, follows redirects, and checks each HTML page."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self.page: Page | None = None
        if user is not None:
            self.sign_in(user)

    def sign_in(self, user: User) -> None:
        """Begin a session as a person, without the password page."""
        with self.client.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True

    def sign_out(self) -> None:
        """Forget the session."""
        self.client = self.app.test_client()

    def get(self, path: str, status: int = 200, **kwargs: Any) -> Page:
        """Fetch a page and expect a status; redirects are not followed."""
        return self._take(self.client.get(path, **kwargs), status)

    def submit(self, fields: dict[str, Any] | None = None, *, form: str | None = None, status: int = 303,
               button: str | None = None, follow: bool = True) -> Page:  # fmt: skip
        """Fill the form of the current page (a CSS selector when there are several) and send it as a browser would."""
        assert self.page is not None, "fetch a page first"
        found = self.page.soup.select(form or "main form[method=post]")
        assert len(found) == 1, f"{len(found)} forms match {form or 'main form[method=post]'}"
        data = form_data(found[0])
        for name, value in (fields or {}).items():
            data[name] = value
        if button:
            data[button] = found[0].select_one(f"[type=submit][name={button}]").get("value", "")  # type: ignore[union-attr]
        path = found[0].get("action") or self.page.response.request.full_path.rstrip("?")
        page = self._take(self.client.post(path, data=data, content_type="multipart/form-data"), status)
        return self.get(page.location) if follow and status in (302, 303) else page

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303, *, token: bool = True) -> Page:
        """Send a POST to any address, with this session's token unless ``token`` is False."""
        data = dict(data or {})
        if token:
            data["csrf_token"] = self.token()
        return self._take(self.client.post(path, data=data, content_type="multipart/form-data"), status)

    def token(self) -> str:
        """Return a valid form token of this session."""
        with self.client.session_transaction() as kept, self.app.test_request_context():
            request_session.update(kept)
            token = str(generate_csrf())
            kept["csrf_token"] = request_session["csrf_token"]
        return token

    def _take(self, response: TestResponse, status: int) -> Page:
        self.page = Page(response)
        where = f"{response.request.method} {response.request.path}"
        assert response.status_code == status, (
            f"{where}: {response.status_code}, wanted {status}\n{self.page.words[:600]}"
        )
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303) and self.page.text:
            faults = criticise(self.page)
            assert not faults, f"{where}:\n" + "\n".join(faults)
        return self.page


def form_data(form: Tag) -> dict[str, Any]:
    """Return what a browser would send for a form as it stands, buttons left out."""
    data: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        if name in data:
            data[name] = [*data[name], value] if isinstance(data[name], list) else [data[name], value]
        else:
            data[name] = value

    for field in form.select("input[name], textarea[name], select[name]"):
        if field.has_attr("disabled"):
            continue
        name, kind = str(field["name"]), field.get("type", "text")
        if field.name == "textarea":
            put(name, field.get_text().removeprefix("\n"))
        elif field.name == "select":
            chosen = field.select("option[selected]") or (
                field.select("option")[:1] if not field.has_attr("multiple") else []
            )
            for option in chosen:
                put(name, str(option.get("value", option.get_text())))
        elif kind in ("checkbox", "radio"):
            if field.has_attr("checked"):
                put(name, str(field.get("value", "on")))
        elif kind not in ("submit", "button", "file", "image", "reset"):
            put(name, str(field.get("value", "")))
    return data


def criticise(page: Page) -> list[str]:
    """Return a sentence for each fault of a page."""
    soup, faults, tags = page.soup, [], defaultdict(list)
    for tag in soup.find_all(True):  # once for all: this is done for every page of every test
        tags[tag.name].append(tag)
    every = [tag for named in tags.values() for tag in named]
    html = tags["html"][0] if tags["html"] else None
    if html is None or not html.get("lang") or html.get("dir") not in ("ltr", "rtl"):
        faults.append("The page does not name its language and direction.")
    headings = tags["h1"]
    if len(headings) != 1:
        faults.append(f"The page has {len(headings)} h1.")
    title = soup.title.get_text(strip=True) if soup.title else ""
    if headings and not " ".join(title.split()).startswith(" ".join(headings[0].get_text(" ").split())[:40]):
        faults.append(f"The title {title!r} does not begin with the h1 {headings[0].get_text(' ', strip=True)!r}.")
    ids = Counter(tag["id"] for tag in every if tag.has_attr("id"))
    faults += [f"The id {one} stands twice." for one, count in sorted(ids.items()) if count > 1]
    labels = {label.get("for") for label in tags["label"]}
    for field in (*tags["input"], *tags["textarea"], *tags["select"]):
        if field.get("type") in ("hidden", "submit", "button", "image"):
            continue
        named = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labels
        if not named and not field.find_parent("label"):
            faults.append(f"The field {field.get('name')} has no label.")
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls"):
        for tag in every:
            faults += [
                f"{attribute} names {one}, which is not there."
                for one in str(tag.get(attribute, "")).split()
                if one not in ids
            ]
    if tags["style"] or any(tag.has_attr("style") for tag in every):
        faults.append("There is a style in the page.")
    for script in tags["script"]:
        if not script.get("src") and script.get("type") != "application/ld+json":
            faults.append("There is a script in the page.")
    if any(name.startswith("on") for tag in every for name in tag.attrs):
        faults.append("There is an inline event handler.")
    for form in tags["form"]:
        if str(form.get("method")).lower() == "post" and form.find("input", attrs={"name": "csrf_token"}) is None:
            faults.append(f"The form to {form.get('action')} has no token.")
    for link in tags["a"]:
        if not link.get("href"):
            faults.append(f"The link {link.get_text(strip=True)!r} leads nowhere.")
        elif not (
            link.get_text(strip=True) or link.get("aria-label") or link.find("img", alt=True) or link.find("title")
        ):
            faults.append(f"The link to {link['href']} has no words.")
    for image in tags["img"]:
        if not image.has_attr("alt"):
            faults.append(f"The image {image.get('src')} has no alt text.")
    if re.search(r"%\([a-z_]+\)s|\bUndefined\b|\{\{|\{%", page.words):
        faults.append("A placeholder was left in the page.")
    return faults

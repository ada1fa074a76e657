"""Goes round the whole house: every address as every kind of person, and what each was answered."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.door import FOREIGN
from tests.house.world import World

#: What the door said, in a word.
ALLOWED, AWAY, SIGN_IN = "yes", "–", "sign in"


def addresses(app: Flask) -> list[Rule]:
    """Return every address of our own, in a stable order."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(FOREIGN)]
    return sorted(rules, key=lambda rule: (rule.endpoint, rule.rule))


def path_of(app: Flask, rule: Rule, world: World, language: str = "en") -> str:
    """Return an address of this world."""
    values = world.parameters(rule.endpoint, set(rule.arguments) - {"lang"})
    if "lang" in rule.arguments:
        values["lang"] = language
    adapter = app.url_map.bind("portal.test")
    return adapter.build(rule.endpoint, values, method="POST" if "GET" not in (rule.methods or ()) else "GET")


def client_of(app: Flask, key: str | None) -> FlaskClient:
    """Return a client of a person."""
    client = app.test_client()
    if key is not None:
        with client.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True
    return client


def answer(client: FlaskClient, path: str, method: str) -> str:
    """Ask once and say in a word what the door did; a POST goes without a token, so that it can change nothing."""
    response = client.get(path) if method == "GET" else client.post(path, data={})
    response.close()
    if response.status_code in (302, 303) and "/login" in response.headers["Location"]:
        return SIGN_IN
    if response.status_code == 401:
        return SIGN_IN
    if response.status_code == 404:
        return AWAY
    if response.status_code >= 500:
        raise AssertionError(f"{method} {path}: {response.status_code}")
    return ALLOWED


def matrix(app: Flask, world: World) -> list[tuple[str, str, dict[str, str]]]:
    """Return (endpoint, method, kind of person → answer) for every address."""
    clients = {kind: client_of(app, key) for kind, key in world.people.items()}
    rows = []
    for rule in addresses(app):
        path = path_of(app, rule, world)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            rows.append(
                (rule.endpoint, method, {kind: answer(client, path, method) for kind, client in clients.items()})
            )
    return rows

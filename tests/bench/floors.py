"""The floors that figures are compared with: the least any Flask site on this server must do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flask import Flask, Response, render_template

ROWS = 2000
#: How many bytes an entry of the page takes; 68 of them make 30 kB.
ROW_BYTES = 440
#: A plain page as anybody would write it: a head, a list of entries with a link, six values and a sentence each.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Floor</title></head><body>
<header><nav><a href="{{ url_for('hello') }}">Hello</a> <a href="{{ url_for('ready_page') }}">Ready</a></nav></header>
<main><h1>Floor</h1><ul>{% for row in rows %}<li class="entry entry--{{ row.state }}"><article aria-labelledby="{{ row.id }}">
<h2 id="{{ row.id }}"><a href="{{ url_for('entry', entry_id=row.id) }}">{{ row.title }}</a></h2>
<p class="entry__place">{{ row.city }}, {{ row.country }}</p><p class="entry__score">{{ '%.2f' | format(row.score) }}</p>
<p class="entry__text">A sentence about this entry stands here, as it does on most lists of things
that people read: long enough for two lines, short enough to be read at a glance, and never empty.</p>
</article></li>{% endfor %}</ul></main></body></html>"""


def create_app() -> Flask:
    """Return the floors: hello, a page ready in memory, and a Jinja page with one SELECT of any size."""
    app = Flask("floors")
    template = app.jinja_env.from_string(PAGE)
    path = Path(os.environ["FLOOR_DATABASE"])
    fresh = not path.exists()
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    database.row_factory = sqlite3.Row
    if fresh:
        database.execute("CREATE TABLE entry (id TEXT, title TEXT, city TEXT, country TEXT, score REAL, state TEXT)")
        rows = [
            (f"id{n}", f"A title of an entry, number {n}", f"City {n}", "KR", n / 7, "eligible") for n in range(ROWS)
        ]
        database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
    ready = b"x" * 30_000

    @app.route("/hello")
    def hello() -> str:
        return "hello"

    @app.route("/ready")
    def ready_page() -> Response:
        return Response(ready, mimetype="text/html")

    @app.route("/jinja/<int:count>")
    def jinja_page(count: int) -> str:
        rows = database.execute("SELECT id, title, city, country, score, state FROM entry LIMIT ?", (count,)).fetchall()
        return render_template(template, rows=rows)

    @app.route("/entries/<entry_id>")
    def entry(entry_id: str) -> str:
        return entry_id

    return app

"""Pages and writes beside the floors of the same run: requests a second, milliseconds, SQL statements, bytes."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.bench import load
from tests.bench.floors import ROW_BYTES
from tests.bench.load import Figures, request
from tests.bench.scene import Person, Scene, prepare
from tests.bench.servers import instance, server, unique_megabytes
from tests.statements import statements

SEED = 1
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
WORDS = [
    "health",
    "city",
    "data",
    "mobility",
    "care",
    "elderly",
    "platform",
    "school",
    "water",
    "energy",
    "school",
    "traffic",
    "youth",
    "food",
    "safety",
    "climate",
]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    figures: Figures
    statements: int | None
    floor: str = ""
    ratio: float | None = None
    bar: str = ""


def run() -> list[Row]:
    """Measure everything in one run and return the table's lines; prints the workers' memory."""
    with (
        instance(["db", "upgrade"], ["seed"], ["simulate", "--seed", str(SEED)], ["work", "--once"]) as folder,
        tempfile.TemporaryDirectory() as floor_folder,
    ):
        scene = prepare(folder)
        environ = {"PORTAL_INSTANCE": str(folder), "DEMONSTRATION": "1", "LOG_LEVEL": "WARNING"}
        floor_environ = {"FLOOR_DATABASE": str(Path(floor_folder) / "floor.sqlite3")}
        with (
            server("wsgi:app", environ, "/healthz") as (port, pid),
            server("tests.bench.floors:create_app", floor_environ, "/hello", factory=True) as (floor_port, _),
        ):
            bench = Bench(scene, port, floor_port)
            bench.floors()
            bench.anonymous()
            bench.fresh()
            bench.lists()
            bench.writes()
            memory = unique_megabytes(pid)
            workers = ", ".join(f"{megabytes:.0f}" for megabytes in memory)
            print(f"unique memory of each process of the server, MB: {workers} (bar: ≤ 150)")
            return bench.rows


class Bench:
    """The measurements of one run."""

    def __init__(self, scene: Scene, port: int, floor_port: int) -> None:
        self.scene, self.port, self.floor_port = scene, port, floor_port
        self.rows: list[Row] = []
        self.hello = 0.0

    def floors(self) -> None:
        """Measure what the figures are compared with."""
        hello = load.run(self.floor_port, load.same(request("/hello")), seconds=SECONDS)
        ready = load.run(self.floor_port, load.same(request("/ready")), seconds=SECONDS)
        self.hello = hello.rate
        self.rows += [Row("floor: hello", hello, None), Row("floor: ready-made page of 30 kB", ready, None)]

    def jinja_floor(self, size: int) -> tuple[str, Figures]:
        """Measure a Jinja page with one SELECT, as large as a page of ``size`` bytes before compression."""
        count = max(1, (size - 400) // ROW_BYTES)
        figures = load.run(self.floor_port, load.same(request(f"/jinja/{count}", encoding="identity")), seconds=SECONDS)
        return f"Jinja page of {figures.bytes // 1000} kB", figures

    def anonymous(self) -> None:
        """Measure unchanged pages as anonymous readers get them: whole answers, never 304."""
        slug = "2024"
        for name, path in {
            "home": "/en/", "results": f"/en/results/{slug}", "library": "/en/cases", "case page": "/en/cases/sscp-2024-baguio",
        }.items():  # fmt: skip
            figures = load.run(self.port, load.same(request(path)), seconds=SECONDS)
            bar = "≥ 0.5 × hello" if name in ("home", "library") else ""
            self.rows.append(Row(f"{name} (anonymous, unchanged)", figures, 0, "hello", figures.rate / self.hello, bar))

    def fresh(self) -> None:
        """Measure the same pages for signed-in readers, and searches never asked before; SQL is that of the first time."""
        reader = self.scene.drafts[0][0]
        for name, path in {
            "home": "/en/", "results": "/en/results/2024", "case page": "/en/cases/sscp-2024-baguio",
        }.items():  # fmt: skip
            self.page(f"{name} (signed-in reader)", path, reader, "≤ 2 × floor", 2)
        counter = itertools.count()

        def question() -> bytes:
            number = next(counter)
            words = f"{WORDS[number % len(WORDS)]} {WORDS[number // len(WORDS) % len(WORDS)]}"
            return request(f"/en/cases?q={quote(words)}&n={number}")

        self.page("library search (new question)", "/en/cases?q=health", None, "≤ 2 × floor", 2, question)

    def lists(self) -> None:
        """Measure the long lists of judging: all entries on one page."""
        self.page("judge's list, 216 entries", "/en/judging/", self.scene.judge, "≤ 3 × floor", 3)
        path = self.address("staff_standings.show", slug=self.scene.edition, number=1)
        self.page("standings, all entries", path, self.scene.secretary, "≤ 3 × floor", 3)

    def page(
        self,
        name: str,
        path: str,
        person: Person | None,
        bar: str,
        _most: float,
        asks: Callable[[], bytes] | None = None,
    ) -> None:
        """Measure one rendered page and the floor of its size."""
        cookie = person.cookie if person else ""
        asked, size = self.look(path, cookie)
        figures = load.run(self.port, asks or load.same(request(path, cookie=cookie)), seconds=SECONDS)
        floor_name, floor = self.jinja_floor(size)
        self.rows.append(Row(name, figures, asked, floor_name, floor.rate / figures.rate, bar))

    def writes(self) -> None:
        """Measure saves of drafts: entries by their cities, score sheets by a judge."""
        number = itertools.count()
        drafts = itertools.cycle(self.scene.drafts)

        def save_entry() -> bytes:
            person, entry = next(drafts)
            path = self.address("submissions.save_draft", entry_id=entry, key="project")
            body = {"csrf_token": person.token, "title": f"Title {next(number)}", "summary": "A summary. " * 30}
            return request(path, cookie=person.cookie, body=urlencode(body).encode())

        sheets = itertools.cycle(self.scene.assignments)
        judge = self.scene.judge
        saved: Counter[str] = Counter()

        def save_sheet() -> bytes:
            sheet = next(sheets)
            path = self.address("judging.save_draft", assignment_id=sheet)
            body = {"csrf_token": judge.token, "revision": saved[sheet], "note": f"Note {next(number)}"}
            saved[sheet] += 1
            return request(path, cookie=judge.cookie, body=urlencode(body).encode())

        for name, make, bar in (("entry save", save_entry, "≥ 100/s"), ("score save", save_sheet, "≥ 200/s")):
            figures = load.run(self.port, make, seconds=SECONDS)
            self.rows.append(Row(name, figures, self.count(make), bar=bar))

    def address(self, endpoint: str, **values: str) -> str:
        """Return the address of an endpoint."""
        return self.scene.app.url_map.bind("127.0.0.1").build(endpoint, {"lang": "en", **values})

    def look(self, path: str, cookie: str) -> tuple[int, int]:
        """Return the SQL statements and the uncompressed bytes of one page."""
        client = self.scene.app.test_client(use_cookies=False)
        client.get("/en/pages/none", headers={"Cookie": cookie})  # what is read once after every change of content
        with statements(self.scene.app.extensions["portal"].database.engine) as asked:
            response = client.get(path, headers={"Cookie": cookie})
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return len(asked), len(response.data)

    def count(self, make: Callable[[], bytes]) -> int:
        """Return the SQL statements of one write."""
        head, _, body = make().partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        with statements(self.scene.app.extensions["portal"].database.engine) as asked:
            response = self.scene.app.test_client(use_cookies=False).post(
                lines[0].split()[1],
                data=body,
                headers={"Cookie": headers["Cookie"]},
                content_type=headers["Content-Type"],
            )
        assert response.status_code < 400, f"{lines[0]}: {response.status_code} {response.get_data(as_text=True)[:300]}"
        return len(asked)


def show(rows: list[Row]) -> str:
    """Return the table as Markdown."""
    lines = [
        "| what | requests/s | p50 ms | p95 ms | SQL | bytes on the wire | beside | ratio | bar |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    for row in rows:
        one = row.figures
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        asked = "" if row.statements is None else str(row.statements)
        lines.append(
            f"| {row.name} | {one.rate:,.0f} | {one.p50:.2f} | {one.p95:.2f} | {asked} | {one.bytes:,} "
            f"| {row.floor} | {ratio} | {row.bar} |" + (f" {one.bad} bad answers" if one.bad else "")
        )
    return "\n".join(lines)

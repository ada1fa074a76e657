"""A running site on a free port of this machine with its worker beside it, and the real browser that visits it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.serving import work_until_stopped

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


#: The script of axe-core, given to every page of a context by ``add_init_script``.
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


def violations_on(page: Page) -> list[str]:
    """Return what axe-core has against a page that holds its script: the rule and the first places."""
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [f"{one['id']} – " + "; ".join(node["html"][:160] for node in one["nodes"][:3]) for one in found]


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing: the site logs its requests itself."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application and do its jobs; gives the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    stop = threading.Event()
    arguments = (app.extensions["portal"].database, app.extensions["job_handlers"], stop)
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=work_until_stopped, args=arguments, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        yield browser
        browser.close()

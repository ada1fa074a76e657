"""Cases made ready by several processes are the same as by one, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from portal.config import ROOT
from portal.library.search import preparing
from portal.library.search.indexing import lexicon_of
from portal.library.search.port import CaseDocument, CaseText

DOCUMENTS = [
    CaseDocument(
        f"case-{number}", number, {"ko": CaseText(f"바기오 건강관리 {number}"), "en": CaseText("Health", f"Plan {number}")},
        names=("바기오",), year=2024,
    )
    for number in range(120)
]  # fmt: skip

ENDLESS = """
import os
from portal.library.search import preparing
from tests.portal.library.search.test_preparing import DOCUMENTS
from portal.library.search.indexing import lexicon_of
if __name__ == "__main__":
    preparing.MANY = 2
    os.sched_getaffinity = lambda _: {0, 1}
    for case in preparing.index_cases(DOCUMENTS * 2_000, lexicon_of(DOCUMENTS)):
        print(case.id, flush=True)
"""


def test_several_processes_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = lexicon_of(DOCUMENTS)
    alone = list(preparing.index_cases(DOCUMENTS, lexicon))
    monkeypatch.setattr(preparing, "MANY", len(DOCUMENTS))
    monkeypatch.setattr(preparing, "AHEAD", 70)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})

    assert list(preparing.index_cases(DOCUMENTS, lexicon)) == alone
    assert [case.id for case in alone] == [document.id for document in DOCUMENTS]


def test_a_killed_rebuild_leaves_no_process_behind() -> None:
    asker = subprocess.Popen([sys.executable, "-c", ENDLESS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert asker.stdout
    assert asker.stdout.readline().startswith("case-0")
    helpers = psutil.Process(asker.pid).children(recursive=True)
    assert len(helpers) >= 2

    asker.send_signal(signal.SIGKILL)
    asker.wait()
    asker.stdout.close()

    until = time.monotonic() + 20
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in helpers):
        assert time.monotonic() < until
        time.sleep(0.05)

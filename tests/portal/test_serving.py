"""The end of a site: a signal is heard wherever it comes."""

from __future__ import annotations

import time

from portal.serving import Stop


def test_the_wish_to_end_wakes_who_waits_and_needs_no_lock() -> None:
    stop = Stop()
    stop.wait(0.01)
    assert not stop.is_set()

    stop.set()
    stop.set()  # a second signal asks for no more

    began = time.monotonic()
    stop.wait(60)
    assert stop.is_set()
    assert time.monotonic() - began < 30

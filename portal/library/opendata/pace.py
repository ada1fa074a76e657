"""How often one address may make the server compute an answer, counted in this process and nowhere else."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from time import monotonic

#: Addresses that are remembered; the one heard of longest ago is forgotten first.
MOST_ADDRESSES = 20_000


class Pace:
    """A window that slides: at most ``most`` answers within ``seconds`` for each address.

    Every web process counts for itself, so a site of n processes allows up to n times as many. Nothing is written
    to the database, and an answer that is ready made is never counted.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._heard: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Count one answer for an address: 0 when it may have it, else the seconds to wait, rounded up."""
        key, now = network_of(address), self._clock()
        with self._lock:
            moments = self._heard.setdefault(key, deque())
            self._heard.move_to_end(key)
            while moments and moments[0] <= now - self.seconds:
                moments.popleft()
            if len(moments) >= self.most:
                return max(1, ceil(moments[0] + self.seconds - now))
            moments.append(now)
            while len(self._heard) > MOST_ADDRESSES:
                self._heard.popitem(last=False)
        return 0

    def forget(self) -> None:
        """Forget all that was counted."""
        with self._lock:
            self._heard.clear()


def network_of(address: str) -> str:
    """Return what counts as one asker: an IPv4 address, or the /64 that an IPv6 connection usually owns."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return address
    return str(ipaddress.ip_network((read, 64), strict=False))

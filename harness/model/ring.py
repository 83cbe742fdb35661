# SPDX-License-Identifier: GPL-2.0-only
"""Arithmetic of free-running 32-bit indices, and both halves of a ring."""

from __future__ import annotations

from harness.abi.codec import U32_MASK
from harness.abi.ring import RingIndices

_HALF = 1 << 31


def add32(index: int, count: int) -> int:
    """`index` moved by `count`, wrapping at 2^32."""
    return index + count & U32_MASK


def sub32(later: int, earlier: int) -> int:
    """How far `later` is ahead of `earlier`, 0 to 2^32 - 1."""
    return later - earlier & U32_MASK


def went_back(now: int, before: int) -> bool:
    """Whether an index that only counts up is behind where it was."""
    return sub32(now, before) >= _HALF


def outstanding(indices: RingIndices) -> int:
    """Requests whose response was not taken yet."""
    return sub32(indices.req_prod, indices.rsp_cons)


def impossible(indices: RingIndices, entries: int, *, unsolicited: bool = False) -> str | None:
    """Why no two correct halves publish these indices, or None.

    Solicited: rsp_cons <= rsp_prod <= req_cons <= req_prod <= rsp_cons + entries, counted from rsp_cons.
    Unsolicited: each producer is at most `entries` ahead of its consumer, whatever the other pair does.
    """
    return _impossible_pairs(indices, entries) if unsolicited else _impossible_echo(indices, entries)


def _impossible_pairs(indices: RingIndices, entries: int) -> str | None:
    pairs = (("req", indices.req_prod, indices.req_cons), ("rsp", indices.rsp_prod, indices.rsp_cons))
    for name, producer, consumer in pairs:
        ahead = sub32(producer, consumer)
        if ahead > entries:
            return f"{name}_prod is {ahead} ahead of {name}_cons in a ring of {entries} entries"
    return None


def _impossible_echo(indices: RingIndices, entries: int) -> str | None:
    requests, taken, answered = (sub32(index, indices.rsp_cons)
                                 for index in (indices.req_prod, indices.req_cons, indices.rsp_prod))
    if requests > entries:
        return f"req_prod is {requests} ahead of rsp_cons in a ring of {entries} entries"
    if answered > requests:
        return f"rsp_prod is {sub32(indices.rsp_prod, indices.req_prod)} beyond req_prod"
    if taken > requests:
        return f"req_cons is {sub32(indices.req_cons, indices.req_prod)} beyond req_prod"
    if answered > taken:
        return f"rsp_prod is {sub32(indices.rsp_prod, indices.req_cons)} beyond req_cons"
    return None


def at_rest(indices: RingIndices) -> bool:
    """Nothing is under way: all four are equal, as they are in a new ring."""
    return len({indices.req_prod, indices.req_cons, indices.rsp_prod, indices.rsp_cons}) == 1


class Ring:
    """Both halves of a correct ring, as in ring.h; each step says whether it could be done.

    :param entries: slots, a power of two
    :param start: value of all four indices of the new ring
    :param unsolicited: responses come without requests; each direction has room for `entries`
    """

    def __init__(self, entries: int, start: int = 0, *, unsolicited: bool = False) -> None:
        self.entries = entries
        self.unsolicited = unsolicited
        self._req_prod = self._req_cons = self._rsp_prod = self._rsp_cons = start & U32_MASK

    @property
    def indices(self) -> RingIndices:
        """What the page shows now."""
        return RingIndices(self._req_prod, self._req_cons, self._rsp_prod, self._rsp_cons)

    def send(self) -> bool:
        """The front publishes a request; False: full."""
        waiting = sub32(self._req_prod, self._req_cons) if self.unsolicited else outstanding(self.indices)
        if waiting >= self.entries:
            return False
        self._req_prod = add32(self._req_prod, 1)
        return True

    def take(self) -> bool:
        """The back takes a request; False: there is none."""
        if self._req_cons == self._req_prod:
            return False
        self._req_cons = add32(self._req_cons, 1)
        return True

    def answer(self) -> bool:
        """The back publishes a response; False: it has answered all that it took, or there is no room."""
        full = sub32(self._rsp_prod, self._rsp_cons) >= self.entries
        if full if self.unsolicited else self._rsp_prod == self._req_cons:
            return False
        self._rsp_prod = add32(self._rsp_prod, 1)
        return True

    def collect(self) -> bool:
        """The front takes a response; False: there is none."""
        if self._rsp_cons == self._rsp_prod:
            return False
        self._rsp_cons = add32(self._rsp_cons, 1)
        return True

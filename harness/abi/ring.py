# SPDX-License-Identifier: GPL-2.0-only
"""ring.h: the ring page of all vbus devices."""

from __future__ import annotations

from dataclasses import dataclass

from harness.abi.codec import PAGE_SIZE, U32_MASK, AbiError, Layout, check_page

ENTRIES_OFFSET = 56
RING_FULL = -28
"""-ENOSPC"""
RING_BROKEN = -71
"""-EPROTO"""

RING_PAGE = Layout("ring_page", (
    ("req_prod", "I"),
    ("req_cons", "I"),
    ("rsp_prod", "I"),
    ("rsp_cons", "I"),
    ("pad", "40s"),
    ("entries", f"{PAGE_SIZE - ENTRIES_OFFSET}s"),
))


def entry_count(req_size: int, rsp_size: int) -> int:
    """Entries of a ring whose slots have these sizes (bytes): the largest power of two that fits.

    :raise AbiError: a size is not positive, or not even one entry fits
    """
    room = PAGE_SIZE - ENTRIES_OFFSET
    if req_size <= 0 or rsp_size <= 0 or req_size + rsp_size > room:
        raise AbiError(f"no ring has slots of {req_size} and {rsp_size} bytes")
    return 1 << (room // (req_size + rsp_size)).bit_length() - 1


@dataclass(frozen=True, slots=True)
class RingIndices:
    """The four free-running 32-bit indices in the page's order."""

    req_prod: int
    req_cons: int
    rsp_prod: int
    rsp_cons: int

    def __str__(self) -> str:
        return (f"req_prod={self.req_prod} req_cons={self.req_cons}"
                f" rsp_prod={self.rsp_prod} rsp_cons={self.rsp_cons}")


class RingView:
    """A copy of a ring page, read only.

    :param data: at least one page; the rest is ignored
    :param req_size: bytes of a request slot
    :param rsp_size: bytes of a response slot
    :raise AbiError: less than a page, or impossible slot sizes
    """

    def __init__(self, data: bytes, req_size: int, rsp_size: int) -> None:
        self._page = check_page("ring_page", data)
        self.req_size = req_size
        self.rsp_size = rsp_size
        self.entries = entry_count(req_size, rsp_size)
        field = RING_PAGE.numbers(self._page)
        self.indices = RingIndices(field["req_prod"], field["req_cons"], field["rsp_prod"], field["rsp_cons"])

    def request(self, index: int) -> bytes:
        """Content of the request slot of `index`, any number; it counts modulo the entries."""
        start = self._slot(index)
        return self._page[start:start + self.req_size]

    def response(self, index: int) -> bytes:
        """Content of the response slot of `index`."""
        start = self._slot(index) + self.req_size
        return self._page[start:start + self.rsp_size]

    def _slot(self, index: int) -> int:
        return ENTRIES_OFFSET + (index & U32_MASK) % self.entries * (self.req_size + self.rsp_size)

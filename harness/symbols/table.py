# SPDX-License-Identifier: GPL-2.0-only
"""Functions by address."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# A function without a size reaches to the next one, but not further than this.
_LONGEST = 0x20000


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A function. `size` is 0 where the file does not tell it."""

    address: int
    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in code.

    :ivar owner: whose function it is: `kernel`, the name of a module, or `me`
    """

    owner: str
    name: str
    offset: int

    def __str__(self) -> str:
        return f"{self.owner}:{self.name}+{self.offset:#x}"


class Table:
    """The functions of one program, at the addresses where it runs."""

    def __init__(self, owner: str, symbols: Iterable[Symbol]) -> None:
        self.owner = owner
        self._symbols = sorted(symbols)
        self._starts = [symbol.address for symbol in self._symbols]

    @property
    def start(self) -> int:
        """Address of the first function; 0 if there is none."""
        return self._starts[0] if self._starts else 0

    def __len__(self) -> int:
        return len(self._symbols)

    def find(self, address: int) -> Spot | None:
        """The function that has this address; None if none has."""
        at = bisect_right(self._starts, address) - 1
        if at < 0:
            return None
        symbol = self._symbols[at]
        offset = address - symbol.address
        following = self._starts[at + 1] - symbol.address if at + 1 < len(self._starts) else _LONGEST
        size = symbol.size or min(following, _LONGEST)
        return Spot(self.owner, symbol.name, offset) if offset < size else None

    def sole_address(self, name: str) -> int | None:
        """Where the function of that name is; None if there is none, or more than one."""
        found = {symbol.address for symbol in self._symbols if symbol.name == name}
        return found.pop() if len(found) == 1 else None

    def address(self, name: str) -> int | None:
        """Where the function or object of that name is."""
        return next((symbol.address for symbol in self._symbols if symbol.name == name), None)

# SPDX-License-Identifier: GPL-2.0-only
"""Life of the domains."""

from __future__ import annotations

from dataclasses import dataclass

from harness.abi.soo import MeState

_DYING = frozenset({MeState.KILLED, MeState.TERMINATED, MeState.DEAD})


@dataclass(slots=True)
class Domain:
    """A domain from its creation to its destruction.

    :ivar state: as last reported; None before the first report
    :ivar started: the ME runs, or did
    """

    dom: int
    state: MeState | None = None
    started: bool = False

    @property
    def dying(self) -> bool:
        """The ME has ended, or was ended, and the agency undoes what was its own."""
        return self.state in _DYING


class Domains:
    """The MEs that exist now."""

    def __init__(self) -> None:
        self._domains: dict[int, Domain] = {}

    def create(self, dom: int) -> None:
        """A number is claimed for an ME."""
        self._domains[dom] = Domain(dom)

    def start(self, dom: int) -> None:
        """The ME starts to run."""
        self._of(dom).started = True

    def set_state(self, dom: int, state: MeState) -> None:
        """The ME has, or was given, another state."""
        self._of(dom).state = state

    def destroy(self, dom: int) -> None:
        """The number is free again."""
        self._domains.pop(dom, None)

    def find(self, dom: int) -> Domain | None:
        """That ME, if it exists."""
        return self._domains.get(dom)

    def all(self) -> tuple[Domain, ...]:
        """By number."""
        return tuple(self._domains[dom] for dom in sorted(self._domains))

    def _of(self, dom: int) -> Domain:
        # A stream that is read from its middle names domains whose creation was not seen.
        return self._domains.setdefault(dom, Domain(dom))

# SPDX-License-Identifier: GPL-2.0-only
"""Life of the domains."""

from __future__ import annotations

from dataclasses import dataclass

from harness.abi.soo import MeState

_DYING = frozenset({MeState.KILLED, MeState.TERMINATED, MeState.DEAD})
_ARROWS = frozenset({
    (MeState.BOOTING, MeState.LIVING),
    (MeState.LIVING, MeState.SUSPENDED),
    (MeState.SUSPENDED, MeState.HIBERNATE), (MeState.SUSPENDED, MeState.RESUMING),
    (MeState.HIBERNATE, MeState.RESUMING),
    (MeState.RESUMING, MeState.LIVING),
    (MeState.RESUMING, MeState.AWAKENED), (MeState.AWAKENED, MeState.LIVING),
})


def life_legal(old: MeState, new: MeState, *, restored: bool = False) -> bool:
    """Whether an ME may go from `old` to `new`. Anything alive may die, what has died may only be dead.

    :param restored: the ME comes from a snapshot: it begins by resuming
    """
    if old in _DYING:
        return new is MeState.DEAD and old is not MeState.DEAD
    if restored and (old, new) == (MeState.BOOTING, MeState.RESUMING):
        return True
    return new in _DYING or (old, new) in _ARROWS


def next_lives(old: MeState) -> tuple[MeState, ...]:
    """Where an ME may go from `old` in the normal course, sorted."""
    return tuple(sorted(new for start, new in _ARROWS if start is old))


@dataclass(slots=True)
class Domain:
    """A domain from its creation to its destruction.

    :ivar state: as last reported; None before the first report
    :ivar started: the ME runs, or did
    :ivar incarnation: how often it was restored before; None if its creation was not seen
    :ivar since_ns: time of the last report, on the agency's clock
    :ivar name: what the ME calls itself; empty if its creation was not seen
    """

    dom: int
    state: MeState | None = None
    started: bool = False
    incarnation: int | None = None
    since_ns: int = 0
    name: str = ""

    @property
    def dying(self) -> bool:
        """The ME has ended, or was ended, and the agency undoes what was its own."""
        return self.state in _DYING

    @property
    def resting(self) -> bool:
        """The ME is suspended, saved or not."""
        return self.state in (MeState.SUSPENDED, MeState.HIBERNATE)


class Domains:
    """The MEs that exist now."""

    def __init__(self) -> None:
        self._domains: dict[int, Domain] = {}

    def create(self, dom: int, incarnation: int = 0, ns: int = 0, name: str = "") -> None:
        """A number is claimed for an ME, a new one or a restored one."""
        self._domains[dom] = Domain(dom, incarnation=incarnation, since_ns=ns, name=name)

    def start(self, dom: int) -> None:
        """The ME starts to run."""
        self._of(dom).started = True

    def set_state(self, dom: int, state: MeState, ns: int = 0) -> None:
        """The ME has, or was given, another state."""
        domain = self._of(dom)
        domain.state, domain.since_ns = state, ns

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

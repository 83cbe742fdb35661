# SPDX-License-Identifier: GPL-2.0-only
"""The model of an explored system: which MEs there are, where, in which state, and what they are about.

Pure: what a command may do follows from the arrows in `harness.model`, never from a guest's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from harness.abi.soo import MeState
from harness.abi.vbus import VbusState
from harness.explore.text import Step, spell
from harness.model.device import Side, arrow_legal
from harness.model.domains import life_legal

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
SLOTS = (2, 3, 4, 5, 6)

# What a frontend is in while its ME is in a state where it stays.
_FRONTEND = {MeState.LIVING: VbusState.CONNECTED, MeState.SUSPENDED: VbusState.SUSPENDED,
             MeState.HIBERNATE: VbusState.SUSPENDED}


class Task(Enum):
    """What an ME does in the background; its shell takes no commands meanwhile."""

    SEND = "send"
    CHAT = "chat"


@dataclass
class MeLife:
    """One ME.

    :ivar state: None while it is not there.
    :ivar machine: where it is, or was last.
    :ivar slot: likewise.
    :ivar stored: there is a snapshot of it, on `stored_on`.
    :ivar stored_task: what it was about in that snapshot.
    :ivar fresh: nothing has happened to the ME since that snapshot, other than its end.
    """

    name: str
    machine: str
    state: MeState | None = None
    slot: int = SLOTS[0]
    refusing: bool = False
    task: Task | None = None
    stored: bool = False
    stored_on: str = ""
    stored_task: Task | None = None
    fresh: bool = False

    @property
    def living(self) -> bool:
        return self.state is MeState.LIVING

    @property
    def free(self) -> bool:
        """It lives and its shell takes commands."""
        return self.living and self.task is None

    @property
    def resting(self) -> bool:
        return self.state in (MeState.SUSPENDED, MeState.HIBERNATE)

    def can(self, command: str) -> bool:
        """Whether the states of ME and frontend have the arrows that a command takes."""
        return self.state is not None and _ARROWS[command](self.state)

    def end(self) -> None:
        """It is gone, and so is what it was about, unless a fresh snapshot has it."""
        if not (self.fresh and self.state is MeState.HIBERNATE):
            self.task, self.fresh = None, False
        self.state, self.refusing = None, False


def _may_rest(state: MeState) -> bool:
    return life_legal(state, MeState.SUSPENDED)


_ARROWS: dict[str, Callable[[MeState], bool]] = {
    "suspend": _may_rest,
    "resume": lambda state: life_legal(state, MeState.RESUMING),
    "save": lambda state: _may_rest(state) or state is MeState.HIBERNATE or
    life_legal(state, MeState.HIBERNATE),
    "shutdown": lambda state: arrow_legal(Side.FE, _FRONTEND[state], VbusState.CLOSING),
    "kill": lambda state: life_legal(state, MeState.KILLED),
}


@dataclass
class System:
    """All MEs of an example, in the order of their names, and the machines that they can be on.

    :ivar probed: kinds of moves that were made since something has changed.
    """

    mes: list[MeLife]
    machines: tuple[str, ...]
    probed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, mes: int, machines: Sequence[str]) -> System:
        """A booted system without an ME.

        :param mes: how many ME images there are, 1 to 5
        """
        return cls([MeLife(name, machines[0]) for name in NAMES[:mes]], tuple(machines))

    def there(self, machine: str | None = None) -> list[MeLife]:
        """The MEs that exist, on one machine or on all."""
        return [me for me in self.mes if me.state is not None and machine in (None, me.machine)]

    def taken(self, machine: str) -> set[int]:
        return {me.slot for me in self.there(machine)}

    def free_slots(self, machine: str) -> list[int]:
        """Slots without an ME; the first one is what an injection gets."""
        taken = self.taken(machine)
        return [slot for slot in SLOTS if slot not in taken]

    def life(self) -> dict[str, str]:
        """What the step `expect.life` expects."""
        return {me.name: me.state.name.lower() for me in self.mes if me.state is not None}


@dataclass(frozen=True)
class Move:
    """Something that can be done now.

    :ivar kind: name of the rule that it belongs to.
    :ivar steps: what it is in the vocabulary of scenarios.
    :ivar effect: what is different afterwards.
    :ivar me: name of the ME that it is about, if it is one alone.
    """

    kind: str
    steps: tuple[Step, ...]
    effect: Callable[[], None] = field(compare=False)
    me: str | None = None

    def __repr__(self) -> str:
        return "; ".join(map(spell, self.steps))


Catalogue = Callable[[System], Iterator[Move]]


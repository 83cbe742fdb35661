# SPDX-License-Identifier: GPL-2.0-only
"""All rules by name, and moves that can be named so that another system may know them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.explore import illegal, legal
from harness.explore.ending import BEGIN, ending
from harness.explore.system import Catalogue, Move, System
from harness.explore.text import Step, spell

CATALOGUES: dict[str, Catalogue] = {
    catalogue.__name__: catalogue for catalogue in (
        legal.inject, legal.send, legal.send_on, legal.sent, legal.chat, legal.chat_on, legal.chatted,
        legal.refuse, legal.suspend, legal.suspend_all, legal.resume, legal.resume_all, legal.save,
        legal.restore, legal.migrate, legal.kill, legal.shutdown, legal.leave,
        illegal.says_no, illegal.out_of_order, illegal.nobody_there, illegal.no_room,
    )
}


# What is chosen among first: one word of these is as likely as another, whatever it stands for.
RULES: dict[str, tuple[str, ...]] = {
    "inject": ("inject",), "talk": ("send", "chat"), "start": ("send_on", "chat_on"),
    "finish": ("sent", "chatted"), "refuse": ("refuse",), "suspend": ("suspend", "suspend_all"),
    "resume": ("resume", "resume_all"), "save": ("save",), "restore": ("restore",), "migrate": ("migrate",),
    "end": ("kill", "shutdown", "leave"), "says_no": ("says_no",), "out_of_order": ("out_of_order",),
    "nobody": ("nobody_there", "no_room"),
}
# After these the system is as before; a second one of a kind before something changes tells nothing new.
PROBES = frozenset({"send", "chat", "says_no", "out_of_order", "nobody_there", "no_room"})
# Moves of all MEs at once.
ALL = frozenset({"suspend_all", "resume_all"})
# What MEs are about while other things happen to them.
BACKGROUND = frozenset({"send_on", "sent", "chat_on", "chatted"})


def moves(system: System, kind: str) -> list[Move]:
    """What a rule may do with a system now, the plainest first."""
    return list(CATALOGUES[kind](system)) if kind not in system.probed else []


def follow(system: System, move: Move) -> None:
    """The move was made."""
    move.effect()
    if move.kind in PROBES:
        system.probed.add(move.kind)
    else:
        system.probed.clear()


@dataclass(frozen=True, slots=True)
class Choice:
    """A move by name: it means the same, or what comes nearest, in another system.

    :ivar at: which of the moves of this kind about this ME.
    """

    kind: str
    me: str | None
    at: int

    @classmethod
    def of(cls, move: Move, system: System) -> Choice:
        """The name of a move of this system."""
        alike = [other for other in moves(system, move.kind) if other.me == move.me]
        return cls(move.kind, move.me, alike.index(move))

    def find(self, system: System) -> Move | None:
        """The move in a system; None if nothing like it is possible there."""
        alike = [other for other in moves(system, self.kind) if other.me == self.me]
        return alike[min(self.at, len(alike) - 1)] if alike else None

    def renamed(self, names: dict[str, str]) -> Choice:
        """The same about another ME."""
        return replace(self, me=names[self.me]) if self.me in names else self


Choices = tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Some steps, and a look at the system after them, or none."""

    steps: tuple[str, ...]
    look: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Choices as steps.

    :ivar choices: those that were possible.
    :ivar parts: what comes before them, each of them, and what comes after.
    """

    choices: Choices
    parts: tuple[Part, ...]


def life(system: System) -> str:
    """The step that looks whether the guests are as the model says."""
    return spell(("expect.life", system.life()))


def script(system: System, choices: Iterable[Choice], *, ended: bool) -> Script:
    """Steps for all choices that are possible, in their order; `system` follows.

    :param ended: with what every example ends with.
    """
    kept = []
    parts = [Part(_spelled(BEGIN))]
    for choice in choices:
        move = choice.find(system)
        if move is not None:
            kept.append(choice)
            follow(system, move)
            parts.append(Part(_spelled(move.steps), (life(system),)))
    if ended:
        parts.append(Part(_spelled(ending(system))))
    return Script(tuple(kept), tuple(parts))


def _spelled(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(spell(step) for step in steps)

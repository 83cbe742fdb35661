# SPDX-License-Identifier: GPL-2.0-only
"""What must not be done with a system now: each is refused with its reason, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from harness.explore.system import SLOTS, MeLife, Move, System

_REFUSAL = "the ME in slot {slot} refuses"


def says_no(system: System) -> Iterator[Move]:
    """An ME that refuses is asked to rest, to be saved, to leave."""
    for me in system.mes:
        if me.living and me.refusing:
            because = _REFUSAL.format(slot=me.slot)
            yield _move("says_no", "suspend", {"me": me.name, "refused": because}, me)
            yield _move("says_no", "save", {"me": me.name, "file": me.name, "refused": because}, me)
            yield _move("says_no", "shutdown", {"me": me.name, "refused": because}, me)


def out_of_order(system: System) -> Iterator[Move]:
    """What the ME's state has no arrow for."""
    for me in system.there():
        for command in ("suspend", "resume", "shutdown"):
            if not me.can(command):
                assert me.state is not None
                because = f"the ME in slot {me.slot} cannot. it is {me.state.name.lower()}"
                yield _move("out_of_order", "refused",
                            {"command": command, "me": me.name, "because": because}, me)


def nobody_there(system: System) -> Iterator[Move]:
    """Commands about a slot, or a snapshot, that is empty."""
    free = system.free_slots(system.machines[0])
    for slot in free[:1]:
        for command in ("kill", "suspend", "resume", "shutdown"):
            yield _move("nobody_there", "refused",
                        {"command": command, "slot": slot, "because": f"slot {slot} is empty"})
        yield _move("nobody_there", "refused", {"command": "save", "slot": slot, "file": "nobody",
                                                "because": f"slot {slot} is empty"})
        yield _move("nobody_there", "refused", {"command": "restore", "slot": slot, "file": "nobody",
                                                "because": "not found"})


def no_room(system: System) -> Iterator[Move]:
    """An ME for a slot that has one, or for a machine that is full."""
    here = system.machines[0]
    for me in system.mes:
        if me.stored and me.stored_on == here:
            for other in system.there(here)[:2]:
                yield _restore_over(me, other)
    if len(system.taken(here)) == len(SLOTS):
        yield _move("no_room", "refused", {"command": "inject", "me": system.there(here)[0].name,
                                           "because": "No available ME slot further"})


def _restore_over(me: MeLife, other: MeLife) -> Move:
    return _move("no_room", "refused", {"command": "restore", "slot": other.slot, "file": me.name,
                                        "because": f"slot {other.slot} is not empty"}, me)


def _move(kind: str, name: str, value: dict[str, object], me: MeLife | None = None) -> Move:
    return Move(kind, ((name, value),), _unchanged, me.name if me is not None else None)


def _unchanged() -> None:
    """The effect of what is refused."""

# SPDX-License-Identifier: GPL-2.0-only
"""What may be done with a system, each with what is different afterwards; the plainest choice first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from harness.abi.soo import MeState
from harness.explore.system import MeLife, Move, System, Task
from harness.explore.text import Step

# Messages and window of traffic in the foreground: one at a time, a full ring, more than it holds.
_SENDS = ((20, 1), (1000, 32), (500, 64))
_CHAT = {"lines": 3, "width": 10}


def inject(system: System) -> Iterator[Move]:
    """A new ME, on any machine with a free slot."""
    for me in system.mes:
        for machine in system.machines:
            if me.state is None and me.task is None and system.free_slots(machine):
                value: object = me.name if len(system.machines) == 1 else {"me": me.name, "to": machine}
                yield Move("inject", (("inject", value),), partial(_born, system, me, machine), me.name)


def _born(system: System, me: MeLife, machine: str) -> None:
    me.slot = system.free_slots(machine)[0]
    me.machine, me.state, me.fresh, me.refusing = machine, MeState.LIVING, False, False


def send(system: System) -> Iterator[Move]:
    """Traffic that is waited for."""
    for me in filter(lambda me: me.free, system.mes):
        for count, window in _SENDS:
            yield Move("send", (("send", {"me": me.name, "count": count, "window": window}),), _same,
                       me.name)


def send_on(system: System) -> Iterator[Move]:
    """Traffic that goes on in the background; the first message is under way."""
    for me in filter(lambda me: me.free, system.mes):
        order = {"me": me.name, "window": 32, "background": True}
        steps: tuple[Step, ...] = (("send", order), ("expect.traffic", f"{me.name}/vdummy"))
        yield Move("send_on", steps, partial(_busy, me, Task.SEND), me.name)


def sent(system: System) -> Iterator[Move]:
    """The end of traffic in the background: none lost, none doubled."""
    for me in system.mes:
        if me.living and me.task is Task.SEND:
            yield Move("sent", (("sent", me.name),), partial(_busy, me, None), me.name)


def chat(system: System) -> Iterator[Move]:
    """Text through the vuart that is waited for."""
    for me in filter(lambda me: me.free, system.mes):
        yield Move("chat", (("chat", {"me": me.name, **_CHAT}),), _same, me.name)


def chat_on(system: System) -> Iterator[Move]:
    """Text through the vuart that goes on in the background."""
    for me in filter(lambda me: me.free, system.mes):
        yield Move("chat_on", (("chat", {"me": me.name, **_CHAT, "background": True}),),
                   partial(_busy, me, Task.CHAT), me.name)


def chatted(system: System) -> Iterator[Move]:
    """The end of text in the background."""
    for me in system.mes:
        if me.living and me.task is Task.CHAT:
            yield Move("chatted", (("chatted", me.name),), partial(_busy, me, None), me.name)


def _busy(me: MeLife, task: Task | None) -> None:
    me.task = task


def refuse(system: System) -> Iterator[Move]:
    """The ME says no from now on, or no more."""
    for me in filter(lambda me: me.free, system.mes):
        word = "off" if me.refusing else "on"
        yield Move("refuse", (("run", {"on": me.name, "command": f"refuse {word}"}),),
                   partial(_refuses, me, not me.refusing), me.name)


def _refuses(me: MeLife, on: bool) -> None:
    me.refusing = on


def suspend(system: System) -> Iterator[Move]:
    """One ME goes to rest."""
    for me in system.mes:
        if me.can("suspend") and not me.refusing:
            yield Move("suspend", (("suspend", me.name),), partial(_rest, [me], MeState.SUSPENDED), me.name)


def suspend_all(system: System) -> Iterator[Move]:
    """All MEs of the first machine go to rest; those that rest already are left alone."""
    mes = system.there(system.machines[0])
    able = [me for me in mes if me.can("suspend")]
    others = [me for me in mes if me.state is MeState.HIBERNATE]  # the step wants all of them suspended
    if able and not others and not any(me.refusing for me in able):
        yield Move("suspend_all", (("suspend", "all"),), partial(_rest, able, MeState.SUSPENDED))


def resume(system: System) -> Iterator[Move]:
    """One ME that rests goes on."""
    for me in system.mes:
        if me.can("resume"):
            yield Move("resume", (("resume", me.name),), partial(_rest, [me], MeState.LIVING), me.name)


def resume_all(system: System) -> Iterator[Move]:
    """All MEs of the first machine that rest go on."""
    able = [me for me in system.there(system.machines[0]) if me.can("resume")]
    if able:
        yield Move("resume_all", (("resume", "all"),), partial(_rest, able, MeState.LIVING))


def _rest(mes: list[MeLife], state: MeState) -> None:
    for me in mes:
        me.state = state
        me.fresh = False


def save(system: System) -> Iterator[Move]:
    """A snapshot of an ME, which rests from then on; the one before is overwritten."""
    for me in system.mes:
        if me.can("save") and not me.refusing:
            yield Move("save", (("save", {"me": me.name, "file": me.name}),), partial(_saved, me), me.name)


def _saved(me: MeLife) -> None:
    me.state = MeState.HIBERNATE
    me.stored, me.stored_on, me.stored_task, me.fresh = True, me.machine, me.task, True


def restore(system: System) -> Iterator[Move]:
    """An ME of its snapshot, in the slot where it was or in another one; what rests of it ends."""
    for me in system.mes:
        if me.stored and me.stored_on == me.machine and _is_whole(me):
            own = me.slot if me.state is not None else None
            slots = {me.slot, *system.free_slots(me.machine)} - (system.taken(me.machine) - {own})
            for slot in sorted(slots, key=lambda slot: (slot != me.slot, slot)):
                # What was typed to a slot and not yet taken stays there.
                if slot == me.slot or me.task is not Task.CHAT:
                    yield _restored_in(me, slot)


def _is_whole(me: MeLife) -> bool:
    """Whether what the snapshot was about is what the ME is about."""
    return me.fresh or (me.stored_task is None and me.task is None)


def _restored_in(me: MeLife, slot: int) -> Move:
    value: dict[str, object] = {"me": me.name, "file": me.name}
    if slot != me.slot:
        value["slot"] = slot
    return Move("restore", (("restore", value),), partial(_restored, me, me.machine, slot), me.name)


def _restored(me: MeLife, machine: str, slot: int) -> None:
    me.machine, me.slot, me.state = machine, slot, MeState.LIVING
    me.refusing, me.fresh = False, False


def migrate(system: System) -> Iterator[Move]:
    """An ME moves to another machine, into the same slot or the first free one."""
    for me in system.mes:
        for machine in system.machines:
            slots = system.free_slots(machine)
            if (machine != me.machine and slots and me.can("save") and not me.refusing
                    and me.task is not Task.CHAT):
                slot = me.slot if me.slot in slots else slots[0]
                yield Move("migrate", (("migrate", {"me": me.name, "to": machine}),),
                           partial(_restored, me, machine, slot), me.name)


def kill(system: System) -> Iterator[Move]:
    """An ME is ended whatever it does."""
    for me in system.mes:
        if me.can("kill") and me.task is not Task.CHAT:
            yield Move("kill", (("kill", me.name),), me.end, me.name)


def shutdown(system: System) -> Iterator[Move]:
    """An ME is asked to leave, and does."""
    for me in system.mes:
        if me.can("shutdown") and not me.refusing and me.task is not Task.CHAT:
            yield Move("shutdown", (("shutdown", me.name),), me.end, me.name)


def leave(system: System) -> Iterator[Move]:
    """An ME leaves by itself."""
    for me in filter(lambda me: me.free, system.mes):
        yield Move("leave", (("shutdown", {"me": me.name, "by": "me"}),), me.end, me.name)


def _same() -> None:
    """The effect of a move after which all is as before."""

# SPDX-License-Identifier: GPL-2.0-only
"""Rows of the table: one for each thing that a run may reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harness.abi.soo import DcEvent, MeState
from harness.abi.vbstore import VbsType
from harness.abi.vbus import state_text
from harness.model.device import Side
from harness.model.events import DcEnd, MessageOp


class Kind(Enum):
    """Parts of the table, in its order."""

    STATE = "states"
    ARROW = "arrows"
    END = "arrows of an error or a kill"
    REFUSED = "refused arrows"
    LIFE = "ME states"
    LIFE_ARROW = "ME arrows"
    MESSAGE = "store messages"
    DC = "DC events"
    ENTRY = "driver entry points"


class DcStep(Enum):
    """What happens to a direct-communication event."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; two rows of the same kind and name are the same."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.name}"


def state(side: Side, value: int) -> Row:
    """A side of a link is in a state."""
    return Row(Kind.STATE, f"{side.value} {state_text(value)}")


def arrow(side: Side, old: int, new: int) -> Row:
    """A side goes from one state to another."""
    return Row(Kind.ARROW, f"{side.value} {state_text(old)} -> {state_text(new)}")


def end(side: Side, old: int, new: int) -> Row:
    """A side leaves its course, as its link has failed or its ME is killed."""
    return Row(Kind.END, f"{side.value} {state_text(old)} -> {state_text(new)}")


def refused(side: Side, old: int, new: int) -> Row:
    """A side tried to, and the other end of the link did not take it."""
    return Row(Kind.REFUSED, f"{side.value} {state_text(old)} -> {state_text(new)}")


def life(value: MeState) -> Row:
    """An ME is in a state."""
    return Row(Kind.LIFE, value.name.lower())


def life_arrow(old: MeState, new: MeState) -> Row:
    """An ME goes from one state to another."""
    return Row(Kind.LIFE_ARROW, f"{old.name.lower()} -> {new.name.lower()}")


def message(kind: VbsType | None, op: MessageOp) -> Row:
    """An ME's message to the store, and its answer; None: a type that there is not."""
    name = kind.name if kind is not None else "no type"
    answer = "answered" if op is MessageOp.SERVED else "refused with ERROR"
    return Row(Kind.MESSAGE, f"{name} {answer}")


def watch_event() -> Row:
    """The store's own message to an ME."""
    return Row(Kind.MESSAGE, f"{VbsType.WATCH_EVENT.name} to an ME")


def dc(event: DcEvent, to: DcEnd, step: DcStep) -> Row:
    """A direct-communication event on its way, or its answer."""
    return Row(Kind.DC, f"{event.name} to the {'ME' if to is DcEnd.ME else 'agency'}: {step.value}")


def entry(side: Side, device: str, op: str) -> Row:
    """The bus calls a driver."""
    return Row(Kind.ENTRY, f"{side.value} {device} {op}()")

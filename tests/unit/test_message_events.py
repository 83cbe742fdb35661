# SPDX-License-Identifier: GPL-2.0-only
"""Lines that tell which types of message the store has answered, and refused."""

import pytest

from harness.abi.vbstore import VbsType
from harness.errors import HarnessError
from harness.guest.observe import parse_event
from harness.model.events import MessageEvent, MessageOp
from tests.unit import event_log


def test_a_type_that_was_answered_or_refused() -> None:
    line = "7 99 message served dom=2 type=directory_exists err=0"
    assert parse_event(line) == MessageEvent(7, 99, line, MessageOp.SERVED, 2, VbsType.DIRECTORY_EXISTS)
    line = "7 99 message refused dom=3 type=unknown err=-38"
    assert parse_event(line) == MessageEvent(7, 99, line, MessageOp.REFUSED, 3, None, -38)


@pytest.mark.parametrize("text", ["served dom=2 type=dir", "seen dom=2 type=read", "served type=read"])
def test_another_line_is_refused(text: str) -> None:
    with pytest.raises(HarnessError):
        parse_event(f"7 99 message {text}")


def test_no_invariant_minds_them() -> None:
    lines = event_log.up_to_connected()
    assert event_log.judged([*lines, "message refused dom=2 type=write err=-1"]) == []

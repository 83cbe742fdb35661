# SPDX-License-Identifier: GPL-2.0-only
"""A command whose guest moves to another console while it runs is answered there."""

import random
import re
from dataclasses import dataclass

import pytest

from harness.deadline import Deadline
from harness.errors import Expired
from harness.guest.dialect import Dialect
from harness.guest.frame import Running, Shell


@dataclass
class Match:
    span: tuple[int, int]
    groups: tuple[bytes | None, ...]


class Text:
    """A console that has printed all that it ever prints."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def mark(self) -> int:
        return len(self.data)

    def text(self, from_: int = 0) -> bytes:
        return self.data[from_:]

    def wait_for(self, pattern: re.Pattern[bytes], deadline: Deadline, *, start: int | None = None) -> Match:
        found = pattern.search(self.data, start or 0)
        if found is None:
            raise deadline.error(where=self.name)
        return Match(found.span(), found.groups())


def shell(data: bytes) -> Shell:
    return Shell(Text("c", data), Dialect("so3"), nonces=random.Random(1))


WHOLE = b"SOO-b-00000001\r\nsent=5\r\nreceived=5\r\nSOO-e-00000001 3\r\nso3% "


@pytest.mark.parametrize("first", range(len(WHOLE) + 1))
@pytest.mark.parametrize("second", [0, 20])
def test_an_answer_in_pieces(first: int, second: int) -> None:
    """Wherever the text is cut, also in the middle of a marker, and whatever stands around it."""
    pieces = (WHOLE[:first], WHOLE[first:first + second], WHOLE[first + second:])
    before, foreign = b"old text\r\n", b"SOO-e-00000009 0\r\n"
    running = Running(shell(before + pieces[0]), "send", "00000001", len(before))
    for piece in pieces[1:]:
        running.follow(shell(foreign + piece), len(foreign))
    result = running.wait(Deadline.after(1, "answer"))
    assert (result.status, result.output) == (3, "sent=5\nreceived=5\n")


def test_without_an_answer_the_deadline_ends_it() -> None:
    running = Running(shell(WHOLE[:20]), "send", "00000001", 0)
    running.follow(shell(b"nothing\r\n"), 0)
    with pytest.raises(Expired, match="answer to 'send'"):
        running.wait(Deadline.after(0.05, "answer"))

# SPDX-License-Identifier: GPL-2.0-only
"""The failure scanner: any split of the input, long lines, unfinished lines."""

import random

import pytest

from harness.qemu.patterns import LINUX, Pattern, custom
from harness.qemu.scan import Scanner

Hit = tuple[str, bytes, int]

TEXT = (b"[1] harmless\r\n[2] Kernel panic - not syncing: a\r\n\xff\xfe\0\x1b[6n garbage \xe2\x82\r\n"
        b"[3] kernel BUG at b.c:1!\n\n\n[4] Internal error: Oops: 5\n[5] Internal error: Oops: 6\n")
HITS: list[Hit] = [
    ("panic", b"[2] Kernel panic - not syncing: a", 14),
    ("bug", b"[3] kernel BUG at b.c:1!", TEXT.index(b"[3]")),
    ("oops", b"[4] Internal error: Oops: 5", TEXT.index(b"[4]")),
    ("oops", b"[5] Internal error: Oops: 6", TEXT.index(b"[5]")),
]


def _feed(scanner: Scanner, text: bytes, size: int) -> list[Hit]:
    return [hit for at in range(0, len(text), size) for hit in scanner.feed(text[at:at + size])]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_any_split_finds_the_same(size: int) -> None:
    assert _feed(Scanner(LINUX), TEXT, size) == HITS


def test_random_splits_find_the_same() -> None:
    chance = random.Random(1)
    for _ in range(50):
        scanner, hits, rest = Scanner(LINUX), list[Hit](), TEXT
        while rest:
            size = chance.randint(1, 40)
            hits += scanner.feed(rest[:size])
            rest = rest[size:]
        assert hits == HITS


def test_unfinished_line_is_judged_when_silent_and_only_once() -> None:
    scanner = Scanner(LINUX)
    assert not list(scanner.feed(b"ok\n[2] Kernel panic - not syncing: lo"))
    assert scanner.pending
    assert list(scanner.settle()) == [("panic", b"[2] Kernel panic - not syncing: lo", 3)]
    assert list(scanner.settle()) == []
    assert list(scanner.feed(b"st init\n")) == []
    assert [hit[0] for hit in scanner.feed(b"Kernel panic - not syncing: again\n")] == ["panic"]


@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_a_line_without_end_is_searched_in_pieces(size: int) -> None:
    line = b"x" * 10_000 + b"Kernel panic - not syncing" + b"y" * 100_000
    hits = _feed(Scanner(LINUX), line + b"\n", size)
    assert [hit[0] for hit in hits] == ["panic"]
    assert b"Kernel panic" in hits[0][1]
    assert len(hits[0][1]) <= 4096 + 1000


def test_memory_of_a_line_without_end_is_bounded() -> None:
    scanner = Scanner(LINUX)
    for _ in range(100):
        assert not list(scanner.feed(b"z" * 5000))
    assert len(scanner._pending) <= 4096


def test_max_count_is_per_boot() -> None:
    scanner = Scanner([Pattern("second_boot", b"hello", (b"hello",), 1)])
    assert not list(scanner.feed(b"hello\n"))
    scanner.reset_counts()
    assert not list(scanner.feed(b"hello\n"))
    assert [name for name, _, _ in scanner.feed(b"hello\n")] == ["second_boot"]


def test_pattern_without_literal_sees_every_line_by_itself() -> None:
    scanner = Scanner([custom("start", rb"^died: \d+$")])
    assert [hit[2] for hit in _feed(scanner, b"died: 1\r\nxdied: 2\ndied: 3\n", 5)] == [0, 18]


def test_no_patterns_no_work() -> None:
    scanner = Scanner([])
    assert not list(scanner.feed(b"Kernel panic - not syncing\n"))
    assert not scanner.pending

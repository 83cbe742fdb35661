# SPDX-License-Identifier: GPL-2.0-only
"""A console's stream in memory and file, and searching in it while it grows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.qemu.search import Match, Search
from harness.qemu.stream import Stream


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[Stream]:
    made = Stream(tmp_path / "c.log", keep=100, trim_at=200)
    yield made
    made.close()


def test_everything_stays_readable_though_memory_is_bounded(stream: Stream) -> None:
    whole = b"".join(b"line %d\n" % number for number in range(500))
    for at in range(0, len(whole), 13):
        stream.append(whole[at:at + 13], at)
    assert stream.path.read_bytes() == whole
    assert stream.read(0, stream.end) == whole
    assert len(stream._recent) <= 200
    for low, high in ((0, 10), (3000, 3100), (stream.end - 50, stream.end), (stream.end - 500, stream.end)):
        assert stream.read(low, high) == whole[low:high]
    assert stream.read(-5, 3) == whole[:3]
    assert stream.read(stream.end, stream.end + 9) == b""


def test_each_line_has_the_time_of_the_read_that_began_it(stream: Stream) -> None:
    stream.append(b"first", 10)
    stream.append(b" line\nsecond\nth", 20)
    stream.append(b"ird", 30)
    stream.append(b"\n", 40)
    stream.append(b"fourth\n", 50)
    text = b"first line\nsecond\nthird\nfourth\n"
    times = [stream.time_at(text.index(word)) for word in (b"first", b"second", b"third", b"fourth")]
    assert times == [10, 20, 20, 50]
    assert stream.time_at(text.index(b"line")) == 10
    assert stream.times_path.read_text() == "0 10\n11 20\n24 50\n"


def test_line_end_is_after_the_last_complete_line(stream: Stream) -> None:
    stream.append(b"a\nbc", 1)
    assert stream.line_end == 2
    stream.append(b"d", 2)
    assert stream.line_end == 2
    stream.append(b"\n", 3)
    assert stream.line_end == 6


def test_last_line_skips_blank_ones(stream: Stream) -> None:
    assert stream.last_line() == b""
    stream.append(b"agency ~ # \r\n\r\n \n", 1)
    assert stream.last_line() == b"agency ~ #"


def _first(stream: Stream, pattern: bytes | re.Pattern[bytes], text: bytes, size: int) -> Match | None:
    search = Search(pattern, 0)
    for at in range(0, len(text), size):
        stream.append(text[at:at + size], at)
        match = search.advance(stream)
        if match:
            return match
    return None


@pytest.mark.parametrize("size", [1, 5, 64, 5000])
def test_search_finds_a_literal_however_it_is_split(stream: Stream, size: int) -> None:
    match = _first(stream, b"a.b\xe2\x82\xac", b"axb\xe2\x82\xac" * 300 + b"a.b\xe2\x82\xac!", size)
    assert match is not None
    assert match.span == (1800, 1806)
    assert match.text == b"a.b\xe2\x82\xac"


@pytest.mark.parametrize("size", [1, 5, 64, 5000])
def test_search_hands_out_groups(stream: Stream, size: int) -> None:
    regex = re.compile(rb"id=(\d+);(?P<rest>x)?(y)?")
    match = _first(stream, regex, b"." * 700 + b"\nid=42;y", size)
    assert match is not None
    assert match.groups[0] == b"42"
    assert match.named["rest"] is None


def test_line_start_is_the_true_one(stream: Stream) -> None:
    """`^` must not match where the searched part happens to begin."""
    prompt = re.compile(rb"^=> ", re.MULTILINE)
    assert _first(stream, prompt, b"x" * 5000 + b"=> " + b"y" * 50, 1) is None
    stream.append(b"\n=> ", 1)
    match = Search(prompt, 5000).advance(stream)
    assert match is not None
    assert match.span[0] == stream.end - 3


def test_search_starts_where_told(stream: Stream) -> None:
    stream.append(b"so3% one so3% two", 1)
    match = Search(b"so3%", 1).advance(stream)
    assert match is not None
    assert match.span == (9, 13)
    assert Search(b"so3%", 10).advance(stream) is None

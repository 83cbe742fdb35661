# SPDX-License-Identifier: GPL-2.0-only
"""Requests and answers of the shells that the harness speaks."""

import hashlib
import zlib

import pytest

from harness.errors import UsageError
from harness.guest.dialect import END_MARKER, Answer, Dialect, find, plain


def known(name: str) -> Dialect:
    found = find(name)
    assert found is not None
    return found


BUSYBOX = known("busybox")
AGENCY = known("agency")
HUSH = known("hush")


def md5(output: bytes) -> bytes:
    return hashlib.md5(output).hexdigest().encode() + b"  -\n"


def size_and_crc(output: bytes) -> bytes:
    return b"%d %08x\n" % (len(output), zlib.crc32(output))


SUMS = {BUSYBOX: md5, AGENCY: size_and_crc}
KEEPING = pytest.mark.parametrize("dialect", [BUSYBOX, AGENCY], ids=lambda d: d.name)


def answered(dialect: Dialect, output: bytes, *, record: bytes = b"", at: int = 0) -> bytes:
    """What the console shows, with a record printed into the middle of it."""
    text = b"SOO-b-aa\n" + SUMS[dialect](output) + output
    return text[:at].replace(b"\n", b"\r\n") + record + text[at:].replace(b"\n", b"\r\n") + b"SOO-e-aa"


@pytest.mark.parametrize("dialect", [BUSYBOX, AGENCY, HUSH], ids=lambda d: d.name)
def test_the_request_holds_no_marker(dialect: Dialect) -> None:
    line = dialect.request("echo x", "aa")
    assert b"SOO-" not in line
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_lines_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="bytes too long for one line of the shell 'hush'"):
        HUSH.request("x" * 600, "aa")
    with pytest.raises(UsageError, match="a command is one line"):
        BUSYBOX.request("a\nb", "aa")


def test_no_dialect() -> None:
    assert find("none") is None


RECORD = b"[    1.234567] soo: chatter\r\n"


@KEEPING
@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_record_anywhere_in_the_answer(dialect: Dialect, at: int) -> None:
    output = b"first\nsecond\n"
    text = answered(dialect, output, record=RECORD, at=at)
    assert dialect.answer(text, "aa", b"aa 3", "aa") == Answer(output, 3)


@KEEPING
def test_output_that_looks_like_a_record(dialect: Dialect) -> None:
    output = b"[    1.234567] this is what dmesg printed\n"
    assert dialect.answer(answered(dialect, output), "aa", b"aa 0", "aa") == Answer(output, 0)


@KEEPING
def test_damage(dialect: Dialect) -> None:
    text = answered(dialect, b"first\n").replace(b"first", b"f?rst")
    assert dialect.answer(text, "aa", b"aa 0", "aa").output is None


@KEEPING
def test_an_answer_to_another_request(dialect: Dialect) -> None:
    assert dialect.answer(answered(dialect, b""), "aa", b"bb 0", "aa") == Answer(None, None)


@KEEPING
def test_a_refused_line_has_no_status(dialect: Dialect) -> None:
    assert dialect.answer(answered(dialect, b""), "aa", b"aa", "aa") == Answer(b"", None)


def test_the_end_marker_is_found_through_records() -> None:
    clean = b"SOO-e-0123abcd 0123abcd 17\r\n"
    for at in range(len(clean)):
        found = END_MARKER.search(clean[:at] + RECORD + clean[at:])
        assert found is not None, at
        assert [plain(group) for group in found.groups()] == [b"0123abcd", b" 0123abcd 17"]

# SPDX-License-Identifier: GPL-2.0-only
"""Consoles on real sockets: splits, garbage, storms, ends, failures, waits."""

import hashlib
import re
import threading
from pathlib import Path

import pytest

from harness.deadline import Deadline, now
from harness.errors import Expired, GuestLost, HarnessError, Panicked, QemuExited, UsageError
from tests.component.console_rig import rig, soon

GARBAGE = bytes(range(256)) * 3 + "grün €".encode()[:-1] + b"\r\r\n\x1b[31m\0\n"


def test_bytes_sent_one_by_one_match_and_are_logged(tmp_path: Path) -> None:
    text = b"\r\nso3% caf\xc3\xa9\r\nso3% "
    with rig(tmp_path) as made:
        for at in range(len(text)):
            made.say(text[at:at + 1])
        first = made.console.wait_for(re.compile(rb"so3% (\S+)\r\n"), soon())
        assert first.groups == ("café".encode(),)
        assert first.span == (2, 14)
        assert made.console.wait_for(b"so3% ", soon()).span == (14, 19)
    assert (tmp_path / "c0.log").read_bytes() == text


def test_garbage_passes_unharmed(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(GARBAGE * 20 + b"done")
        made.console.wait_for(b"done", soon())
        assert made.console.text() == GARBAGE * 20 + b"done"
        assert made.console.text(-1, 4) == GARBAGE[:4]
        assert made.console.failures == []


def test_waits_continue_where_the_last_one_ended_unless_told(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"a1 a2 a3")
        digit = re.compile(rb"a(\d)")
        assert [made.console.wait_for(digit, soon()).groups for _ in "12"] == [(b"1",), (b"2",)]
        assert made.console.wait_for(digit, soon(), start=0).groups == (b"1",)
        mark = made.console.mark()
        made.say(b" a4")
        assert made.console.wait_for(digit, soon(), start=mark).groups == (b"4",)


def test_expired_names_pattern_and_last_line(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"[    1.0] Run /init\r\nstill thinking")
        made.console.wait_for(b"thinking", soon())
        with pytest.raises(Expired, match=r"c0: prompt: waiting for b'agency ~ # ': not within .* last seen: "
                                          r"'still thinking'") as caught:
            made.console.wait_for(b"agency ~ # ", Deadline.after_real(0.05, "prompt"))
        assert "agency ~ # " in caught.value.waiting_for


def test_end_is_an_event(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"last words")
        made.far[0].close()
        with pytest.raises(QemuExited, match="waited for test, last seen: 'last words'"):
            made.console.wait_for(b"more", soon())
        assert made.console.wait_for(b"words", soon()).text == b"words"
        made.console.wait_end(soon())
        assert made.console.at_end
        with pytest.raises(QemuExited):
            made.console.send(b"anybody there?")


def test_wait_end_expires(tmp_path: Path) -> None:
    with rig(tmp_path) as made, pytest.raises(Expired, match="power off"):
        made.console.wait_end(Deadline.after_real(0.05, "power off"))


def test_what_was_sent_before_the_pump_stopped_is_logged(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"x" * 150_000 + b"end")
        made.far[0].close()
    assert (tmp_path / "c0.log").read_bytes().endswith(b"xend")


def test_failure_ends_the_wait_at_once_and_the_report_is_drained(tmp_path: Path) -> None:
    with rig(tmp_path, consoles=2) as made:
        start = now()
        made.say(b"[  2.0] Internal error: Oops: 96000004 [#1] SMP\n[  2.0] pc : vdummy_kick")
        with pytest.raises(Panicked, match=r"console c0: oops: \[ 2.0\] Internal error: Oops") as caught:
            made.consoles[1].wait_for(b"never", Deadline.after(30, "other console"))
        assert now() - start < 10
        assert caught.value.pattern == "oops"
        assert made.console.text().endswith(b"vdummy_kick")
        with pytest.raises(Panicked):
            made.consoles[1].check()
        assert [hit.console for hit in made.console.failures] == ["c0"]
        assert made.console.failures[0].time > 0


def test_drain_waits_for_the_rest_of_the_report(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"kernel BUG at a.c:1!\n")

        def waiting() -> None:
            with pytest.raises(Panicked):
                made.console.wait_for(b"never", soon())
            seen.append(made.console.text())

        seen: list[bytes] = []
        thread = threading.Thread(target=waiting)
        thread.start()
        made.say(b"Call trace:\n")
        thread.join()
        assert seen[0].endswith(b"Call trace:\n")


def test_unfinished_failure_line_is_found_when_silent(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"Kernel panic - not syncing: and then nothing")
        with pytest.raises(Panicked, match="and then nothing"):
            made.console.wait_for(b"never", soon())
        assert len(made.console.hits) == 1


def test_allowed_failure_is_recorded_only(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        with made.console.allow("panic"):
            made.say(b"Kernel panic - not syncing: want")
            made.console.wait_for(b"want", soon())
        made.say(b"ed\nnext\n")  # the line began inside: it is allowed as a whole
        made.console.wait_for(b"next", soon())
        assert [(hit.name, hit.allowed) for hit in made.console.hits] == [("panic", True)]
        assert made.console.failures == []
        made.say(b"Kernel panic - not syncing: unwanted\n")
        with pytest.raises(Panicked, match="unwanted"):
            made.console.wait_for(b"never", soon())


def test_only_the_named_failure_is_allowed(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"Internal error: Oops: 1\n")
        with made.console.allow("panic"), pytest.raises(Panicked, match="oops"):
            made.console.wait_for(b"never", soon())
        with pytest.raises(UsageError, match="no failure pattern 'tantrum'; known: panic, oops"), \
                made.console.allow("tantrum"):
            pass


def test_second_boot_banner(tmp_path: Path) -> None:
    banner = b"[    0.000000] Booting Linux on physical CPU 0x0\n"
    with rig(tmp_path) as made:
        made.say(banner + b"one")
        made.console.wait_for(b"one", soon())
        made.console.expect_boot()
        made.say(banner + b"two")
        made.console.wait_for(b"two", soon())
        made.say(banner)
        with pytest.raises(Panicked, match="second_boot"):
            made.console.wait_for(b"three", soon())


def test_cursor_question_is_answered_even_when_split(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"/ # \x1b[6n")
        assert made.hear(6) == b"\x1b[1;1R"
        for byte in b"\x1b[6n":
            made.say(bytes([byte]))
        assert made.hear(6) == b"\x1b[1;1R"
        made.say(b"\x1b[6n\x1b[6n end")
        assert made.hear(12) == b"\x1b[1;1R" * 2
        made.console.send(b"x")
        assert made.hear(1) == b"x"  # and nothing was answered twice


def test_input_is_queued_for_a_guest_that_reads_late(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000
    with rig(tmp_path) as made:
        made.console.send(data)
        assert made.hear(len(data)) == data


def test_input_nobody_reads_is_an_error_in_the_end(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.console.send(b"y" * 3_000_000)
        with pytest.raises(GuestLost, match="takes no input"):
            made.console.send(b"y")


def test_lines_are_delivered_in_order_from_the_first_one(tmp_path: Path) -> None:
    lines = [b"%d %d store write path=device/2/vdummy/0/state val=3" % (n, n * 1000) for n in range(5000)]
    got: list[bytes] = []
    with rig(tmp_path) as made:
        made.say(b"\n".join(lines[:2500]) + b"\n")
        made.console.wait_for(b"\n2499 ", soon())
        made.console.on_line(got.append)
        for line in lines[2500:]:
            made.say(line + b"\n")
        made.say(b"unfinished")
        made.far[0].close()
    assert got == [*lines, b"unfinished"]


def test_failing_callback_is_reported_and_the_pump_goes_on(tmp_path: Path) -> None:
    def broken(line: bytes) -> None:
        raise ValueError(line)

    with rig(tmp_path) as made:
        made.console.on_line(broken)
        made.say(b"one\n")
        with pytest.raises(HarnessError, match="line callback failed: ValueError"):
            made.console.wait_for(b"never", soon())
        made.say(b"two")
        made.far[0].close()
        made.console.wait_end(soon())
        assert made.console.text() == b"one\ntwo"


def test_storm_on_all_consoles_loses_nothing(tmp_path: Path) -> None:
    block = b"".join(b"[%5d.%06d] soo: ring sample req_prod=%d\n" % (n, n * 7, n) for n in range(20_000))
    with rig(tmp_path, consoles=3) as made:
        def flood(number: int) -> None:
            for _ in range(12):
                made.say(block, number)
            made.say(b"the end", number)

        threads = [threading.Thread(target=flood, args=[number]) for number in range(3)]
        for thread in threads:
            thread.start()
        for console in made.consoles:
            console.wait_for(b"the end", Deadline.after(60, "storm"))
        for thread in threads:
            thread.join()
        assert made.console.text(0, 100) == block[:100]  # long gone from memory
    for number in range(3):
        logged = hashlib.sha256((tmp_path / f"c{number}.log").read_bytes())
        assert logged.hexdigest() == hashlib.sha256(block * 12 + b"the end").hexdigest()


def test_storm_of_failures_is_bounded(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"BUG: scheduling while atomic: x/1/0\n" * 50_000)
        made.far[0].close()
        made.console.wait_end(soon())
        assert len(made.console.failures) == 200


def test_a_line_longer_than_memory(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        for _ in range(100):
            made.say(b"#" * 100_000)
        made.say(b"needle")
        made.console.wait_for(b"needle", soon())
        assert made.console.mark() == 10_000_006


def test_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "c0.log").symlink_to("/dev/full")
    with rig(tmp_path) as made:
        made.say(b"hello")
        with pytest.raises(HarnessError, match=r"console c0: cannot write c0\.log: .*No space left"):
            made.console.wait_for(b"never", soon())


def test_log_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot make the log"), rig(tmp_path / "missing"):
        pass


def test_console_can_be_read_after_its_end(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"first" + b"." * 9_000_000 + b"last")
        made.console.wait_for(b"last", soon())
        console = made.console
    assert console.text(0, 5) == b"first"
    assert console.text(console.mark() - 4) == b"last"
    assert console.last_line().endswith("....")
    console.on_line(lambda line: None)

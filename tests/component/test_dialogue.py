# SPDX-License-Identifier: GPL-2.0-only
"""The pexpect interface to a console."""

import threading
from pathlib import Path

import pexpect
import pytest

from harness.deadline import Deadline, now
from harness.errors import Expired, Panicked, QemuExited, UsageError
from tests.component.console_rig import Rig, rig, soon


def _echo_shell(made: Rig) -> threading.Thread:
    """A guest that answers each line, in a thread that ends with the socket."""

    def serve() -> None:
        file = made.far[0].makefile("rb")
        made.say(b"=> ")
        for line in file:
            made.say(b"got " + line.strip() + b"\r\n=> ")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_send_and_expect(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        _echo_shell(made)
        with made.console.borrow("test") as dialogue:
            dialogue.expect_exact("=> ")
            dialogue.sendline("printenv")
            assert dialogue.expect([r"never", r"got (\w+)"]) == 1
            assert dialogue.after == b"got printenv"
            dialogue.expect("=> ")
            assert dialogue.before == b"\r\n"


def test_console_goes_on_where_the_dialogue_stopped(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.say(b"one two three four")
        made.console.wait_for(b"one", soon())
        with made.console.borrow("test") as dialogue:
            dialogue.expect("tw(o)")
        assert made.console.wait_for(b" ", soon()).span == (7, 8)


def test_time_out_and_end_among_the_patterns_are_pexpect_s(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.console.borrow("test") as dialogue:
        assert dialogue.expect(["never", pexpect.TIMEOUT], timeout=0.05) == 1
        made.say(b"bye")
        made.far[0].close()
        assert dialogue.expect(["never", pexpect.EOF], timeout=20) == 1
        assert dialogue.before == b"bye"


def test_time_out_and_end_as_errors_are_ours(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.console.borrow("test") as dialogue:
        made.say(b"Hit any key")
        with pytest.raises(Expired, match=r"b'=> '.*last seen: 'Hit any key'"):
            dialogue.expect("=> ", timeout=0.05)
        made.far[0].close()
        with pytest.raises(QemuExited):
            dialogue.expect_exact("=> ", timeout=20)


def test_failure_pattern_ends_expect(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.console.borrow("test") as dialogue:
        made.say(b"Kernel panic - not syncing: oh\n")
        with pytest.raises(Panicked, match="oh"):
            dialogue.expect("never", timeout=30)


def test_deadline_limits_every_expect(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        start = now()
        limit = Deadline.after_real(0.1, "scenario")
        with made.console.borrow("test", deadline=limit) as dialogue, pytest.raises(Expired):
            dialogue.expect("never", timeout=30)
        assert now() - start < 10


def test_two_borrowers_are_an_error_that_names_both(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.console.borrow("step 3"):
        with pytest.raises(UsageError, match="observer cannot borrow the console; step 3 has it"), \
                made.console.borrow("observer"):
            pass
        made.console.send(b"the borrower's own thread may send")


def test_other_threads_cannot_send_meanwhile(tmp_path: Path) -> None:
    caught: list[Exception] = []

    def intrude(made: Rig) -> None:
        try:
            made.console.send(b"ls\n")
        except UsageError as error:
            caught.append(error)

    with rig(tmp_path) as made:
        with made.console.borrow("step 3"):
            thread = threading.Thread(target=intrude, args=[made])
            thread.start()
            thread.join()
        made.console.send(b"free again")
    assert "step 3 has borrowed it" in str(caught[0])


def test_flood_before_the_prompt(tmp_path: Path) -> None:
    with rig(tmp_path) as made, made.console.borrow("test") as dialogue:
        def flood() -> None:
            for _ in range(40):
                made.say(b"%0999d\n" % 7 * 100)
            made.say(b"=> ")

        thread = threading.Thread(target=flood)
        thread.start()
        dialogue.expect_exact("=> ", timeout=60)
        thread.join()
        assert dialogue.before is not None
        assert len(dialogue.before) == 4_000_000

# SPDX-License-Identifier: GPL-2.0-only
"""Framed commands on a real shell, with chatter around, inside and over them."""

import random
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import Expired, GuestLost, QemuExited, UsageError
from harness.guest.dialect import Dialect
from harness.guest.frame import CommandResult
from tests.component.console_rig import soon
from tests.component.shell_rig import guest, kernel_records, quiet


def test_status_and_output(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        shell = g.shell()
        assert shell.run("echo hello; echo 'it''s' >&2", soon()) == CommandResult(
            "echo hello; echo 'it''s' >&2", 0, "hello\nits\n")
        assert shell.run("printf 'no newline'; exit_with() { return 7; }; exit_with", soon()).status == 7
        assert shell.run("true", soon()).output == ""
        assert shell.run("cd / # a comment", soon()).status == 0
        assert shell.run("pwd", soon()).output == "/\n"


def test_an_echo_of_the_input_is_no_answer(tmp_path: Path) -> None:
    with guest(tmp_path, echo=True) as g:
        assert g.shell().run("echo hello", soon()).output == "hello\n"


@pytest.mark.parametrize("seed", range(3))
def test_kernel_records_in_the_middle_of_everything(tmp_path: Path, seed: int) -> None:
    with guest(tmp_path) as g:
        g.line.noise = kernel_records(random.Random(seed))
        shell = g.shell()
        for number in range(5):
            result = shell.run(f"echo run >>ran; seq {number} {number + 30}; (exit {number})", soon())
            wanted = "".join(f"{value}\n" for value in range(number, number + 31))
            assert (result.status, result.output) == (number, wanted)
        assert (tmp_path / "ran").read_text() == "run\n" * 5


def test_damage_is_seen_and_the_answer_printed_again(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        spoilt = iter([True])

        def spoil(piece: bytes) -> bytes:
            return b"X" + piece if b"4" in piece and next(spoilt, False) else piece

        g.line.noise = spoil
        assert g.shell().run("echo run >>ran; echo 34567", soon()).output == "34567\n"
        assert (tmp_path / "ran").read_text() == "run\n"


def test_an_answer_that_stays_damaged_is_reported(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        g.line.noise = lambda piece: piece.replace(b"q", b"Q")
        with pytest.raises(GuestLost, match="the answer to 'echo qqq' is damaged"):
            g.shell().run("echo qqq", soon())
        g.line.noise = quiet
        assert g.shell().run("echo fine", soon()).output == "fine\n"


def test_a_broken_end_marker_is_asked_for_again(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        broken = iter([True])

        def spoil(piece: bytes) -> bytes:
            return piece.replace(b"e", b"?") if b"e" in piece and next(broken, False) else piece

        g.line.noise = spoil
        assert g.shell().run("seq 3", soon()).output == "1\n2\n3\n"


def test_a_line_that_the_shell_refuses(tmp_path: Path) -> None:
    with guest(tmp_path) as g, pytest.raises((UsageError, QemuExited)):
        # `sh` without a terminal may end at a syntax error; the agency's shell goes on.
        g.shell().run("if then", soon())


def test_a_command_that_takes_long_is_waited_for(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        assert g.shell().run("sleep 3; cat; echo done", soon()).output == "done\n"


def test_no_answer(tmp_path: Path) -> None:
    expected = "c0: answer to 'sleep 100': not within .* last seen: nothing"
    with guest(tmp_path) as g, pytest.raises(Expired, match=expected):
        g.shell().run("sleep 100", Deadline.after(0.5, "a test"))


def test_the_end_of_the_console(tmp_path: Path) -> None:
    with guest(tmp_path) as g, pytest.raises(QemuExited):
        g.shell().run("kill -9 $$", soon())


def test_a_failure_elsewhere_ends_the_wait(tmp_path: Path) -> None:
    class Elsewhere(Exception):
        pass

    def check() -> None:
        raise Elsewhere

    with guest(tmp_path) as g, pytest.raises(Elsewhere):
        g.shell(check).run("sleep 100", soon())


def test_a_second_command_may_be_typed_before_the_first_answers(tmp_path: Path) -> None:
    with guest(tmp_path) as g:
        shell = g.shell()
        first, second = shell.begin("sleep 0.2; echo one"), shell.begin("echo two")
        assert first.wait(soon()).output == "one\n"
        assert second.wait(soon()).output == "two\n"


@pytest.mark.parametrize("name", ["so3", "hush"])
def test_shells_that_keep_no_answer(tmp_path: Path, name: str) -> None:
    with guest(tmp_path, dialect=Dialect(name)) as g:
        assert g.shell().run("seq 2", soon()) == CommandResult("seq 2", 0, "1\n2\n")
        assert g.shell().run("false", soon()).status == 1

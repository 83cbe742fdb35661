# SPDX-License-Identifier: GPL-2.0-only
"""Guest and harness in turns, with a guest that is a thread of the test on real sockets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness import deadline
from harness.deadline import Deadline, now, running_on
from harness.errors import Expired, UsageError
from harness.qemu import lockstep as lockstep_module
from harness.qemu.console import Console
from harness.qemu.lockstep import BEAT_NS, Lockstep
from harness.qemu.patterns import LINUX
from harness.qemu.pump import Pump

Guest = Callable[[int, socket.socket], None]
_BEAT_S = BEAT_NS / 1e9


class Stage:
    """A console in lockstep with a guest that does something between any two beats."""

    def __init__(self, folder: Path, guest: Guest) -> None:
        self.pump = Pump()
        near, self.far = socket.socketpair()
        pace, self._pace = socket.socketpair()
        self._guest = guest
        self.lockstep = Lockstep(pace, self.pump.changed)
        self.pump.step_with(self.lockstep)
        self.near, self.pace = near, pace
        with running_on(self.lockstep):
            self.console = Console("c0", near, self.pump, folder / "c0.log", patterns=LINUX)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        with suppress(OSError):
            for beat in range(10_000):
                self._guest(beat, self.far)
                self._pace.sendall(b"b")
                if not self._pace.recv(1):
                    return
        with suppress(OSError):  # as all channels of a QEMU that ends
            self._pace.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with self.pump.changed:
            self.lockstep.let_go()
        self.far.close()
        self._pace.close()
        self.thread.join()
        self.pace.close()


@contextmanager
def staged(folder: Path, guest: Guest) -> Iterator[Stage]:
    stage = Stage(folder, guest)
    with stage.pump, running_on(stage.lockstep):
        stage.thread.start()
        try:
            yield stage
        finally:
            stage.end()
    stage.console.close()


def test_a_wait_lets_the_guest_run_and_no_further(tmp_path: Path) -> None:
    beats = []

    def guest(beat: int, out: socket.socket) -> None:
        beats.append(beat)
        out.sendall(f"beat {beat}\n".encode())

    with staged(tmp_path, guest) as stage:
        stage.console.wait_for(b"beat 7\n", Deadline.after(1, "beat 7"))
        assert beats == list(range(8))
        assert stage.console.text() == b"".join(b"beat %d\n" % beat for beat in range(8))


def test_what_came_between_two_beats_has_one_time(tmp_path: Path) -> None:
    def guest(beat: int, out: socket.socket) -> None:
        if beat == 3:
            for line in range(50):
                out.sendall(b"line %d\n" % line)

    with staged(tmp_path, guest) as stage:
        stage.console.wait_for(b"line 49\n", Deadline.after(1, "the last line"))
        times = (tmp_path / "c0.log.times").read_text().split()
    assert times == ["0", str(4 * BEAT_NS)]


def test_deadlines_count_beats_not_the_host(tmp_path: Path) -> None:
    beats = []
    with staged(tmp_path, lambda beat, out: beats.append(beat)) as stage:
        began = now()
        with pytest.raises(Expired, match="not within 0.1 s"):
            stage.console.wait_for(b"never", Deadline.after(0.1, "what never comes"))
        assert now() - began == pytest.approx(0.1, abs=2 * _BEAT_S)
        assert len(beats) == pytest.approx(100, abs=3)
        assert deadline.scale() == 1.0


def test_input_is_handed_over_at_a_beat_only(tmp_path: Path) -> None:
    heard: list[tuple[int, bytes]] = []

    def guest(beat: int, out: socket.socket) -> None:
        out.setblocking(False)
        with suppress(BlockingIOError):
            heard.append((beat, out.recv(100)))
        out.setblocking(True)
        if heard:
            out.sendall(b"thanks\n")

    with staged(tmp_path, guest) as stage:
        stage.lockstep.feed_with(lambda: stage.console.channel.hand_over(4))
        with stage.pump.changed:
            stage.lockstep.advance()
        stage.console.send(b"abcdefgh")
        stage.console.wait_for(b"thanks", Deadline.after(1, "thanks"))
        first = heard[0][0]
        stage.console.wait_for(b"thanks\nthanks", Deadline.after(1, "thanks"), start=0)
        assert heard == [(first, b"abcd"), (first + 1, b"efgh")]


def test_a_guest_without_beats_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep_module, "_NO_BEAT_S", 0.05)
    stuck = threading.Event()

    def guest(beat: int, out: socket.socket) -> None:
        if beat == 2:
            stuck.wait()

    with staged(tmp_path, guest) as stage:
        with pytest.raises(Expired, match="the guest's clock stands still"):
            stage.console.wait_for(b"never", Deadline.after(1, "what never comes"))
        stuck.set()


def test_the_last_words_of_a_machine_that_ends_are_heard(tmp_path: Path) -> None:
    def guest(beat: int, out: socket.socket) -> None:
        if beat == 2:
            out.sendall(b"Kernel panic - not syncing: test\n")
            out.shutdown(socket.SHUT_RDWR)
            raise OSError("QEMU is gone")

    with staged(tmp_path, guest) as stage:
        stage.console.wait_end(Deadline.after(1, "the end"))
        assert [hit.name for hit in stage.console.hits] == ["panic"]


def test_two_clocks_at_once_are_refused(tmp_path: Path) -> None:
    with staged(tmp_path, lambda beat, out: None) as stage:
        refused = pytest.raises(UsageError, match="two deterministic")
        with refused, running_on(stage.lockstep):
            pass

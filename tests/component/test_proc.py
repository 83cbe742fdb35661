# SPDX-License-Identifier: GPL-2.0-only
"""Child processes: results, errors, and that none outlives its owner."""

import os
import select
import signal
import sys
import threading
from pathlib import Path

import pexpect
import pytest

from harness import proc
from harness.deadline import Deadline, now
from harness.errors import CommandFailed, Expired, HostError, ToolMissing
from harness.proc import Child, find_tool, run
from tests.meta.tree import ROOT


def _soon() -> Deadline:
    return Deadline.after(20, "test")


def _gone(pid: int) -> bool:
    """Whether the process `pid` has ended, within ten seconds."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        waiting = select.poll()
        waiting.register(watch, select.POLLIN)
        return bool(waiting.poll(10_000))
    finally:
        os.close(watch)


def test_output_input_and_environment(tmp_path: Path) -> None:
    done = run(["sh", "-c", "cat; pwd >&2; echo $GREETING"], input=b"in\0put\n", deadline=_soon(),
               cwd=tmp_path, env={"GREETING": "hi", "PATH": os.environ["PATH"]})
    assert (done.stdout, done.stderr, done.status) == (b"in\0put\nhi\n", f"{tmp_path}\n".encode(), 0)


def test_arguments_are_never_a_shell_line() -> None:
    words = ["a b", "$HOME", "*", "'", '"', "\\", "", "-n", ";ls"]
    done = run([sys.executable, "-c", "import sys; print(sys.argv[1:])", *words], deadline=_soon())
    assert done.stdout.decode().strip() == repr(words)


def test_failure_carries_argv_status_and_tail() -> None:
    with pytest.raises(CommandFailed, match="sh ended with status 3: syntax error in x.dts") as caught:
        run(["sh", "-c", "echo out; echo syntax error in x.dts >&2; exit 3"], deadline=_soon())
    assert caught.value.status == 3
    assert caught.value.argv[0] == "sh"
    assert caught.value.output == b"syntax error in x.dts\n"


def test_failure_may_be_the_callers_business() -> None:
    assert run(["false"], deadline=_soon(), check=False).status == 1
    assert run(["sh", "-c", "kill -9 $$"], deadline=_soon(), check=False).status == -9


def test_signal_is_named() -> None:
    with pytest.raises(CommandFailed, match="was ended by signal SIGSEGV"):
        run(["sh", "-c", "kill -SEGV $$"], deadline=_soon())


def test_missing_program() -> None:
    with pytest.raises(ToolMissing, match="no-such-tool: no such program"):
        run(["no-such-tool"], deadline=_soon())
    with pytest.raises(ToolMissing, match="install the Debian package qemu-system-arm"):
        find_tool("no-such-tool", "qemu-system-arm")


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="cannot start true"):
        run(["true"], deadline=_soon(), cwd=tmp_path / "missing")


def test_deadline_kills_the_whole_family() -> None:
    start = now()
    with pytest.raises(Expired, match=r"sh did not end within 0\.3 s: here I am") as caught:
        run(["sh", "-c", "echo here I am; sleep 60 & sleep 60"], deadline=Deadline.after_real(0.3, "test"))
    assert caught.value.waiting_for == "end of sh"
    assert now() - start < 10


def test_child_has_its_own_session_and_output_files(tmp_path: Path) -> None:
    with Child(["sh", "-c", "echo out; echo err >&2; ps -o sid= -p $$ || echo $$"], stdout=tmp_path / "out",
               stderr=tmp_path / "err") as child:
        assert child.wait(_soon()) == 0
        assert child.poll() == 0
        lines = (tmp_path / "out").read_text().split()
        assert lines == ["out", str(child.pid)]
        assert (tmp_path / "err").read_text() == "err\n"


def test_descriptors_are_passed() -> None:
    reading, writing = os.pipe()
    script = f"echo passed >/proc/self/fd/{writing}"
    with os.fdopen(reading, "rb") as pipe, Child(["sh", "-c", script], pass_fds=[writing]) as child:
        os.close(writing)
        assert pipe.read() == b"passed\n"
        child.wait(_soon())


def test_child_that_runs_on_is_asked_to_end() -> None:
    with Child(["sleep", "60"]) as child:
        assert child.poll() is None
        with pytest.raises(Expired):
            child.wait(Deadline.after_real(0.01, "nothing"))
    assert child.stop() == -signal.SIGTERM
    assert _gone(child.pid)


def test_child_that_does_not_listen_is_killed() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        script = f"trap '' TERM; echo ready >/proc/self/fd/{writing}; while :; do read x; done </dev/zero"
        with Child(["sh", "-c", script], pass_fds=[writing], grace=0.1) as child:
            assert pipe.readline() == b"ready\n"
            assert child.stop() == -signal.SIGKILL
        os.close(writing)


def test_what_the_child_left_behind_is_killed() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        script = f"sleep 60 & echo $! >/proc/self/fd/{writing}"
        with Child(["sh", "-c", script], pass_fds=[writing]) as child:
            grandchild = int(pipe.readline())
            assert child.wait(_soon()) == 0
        os.close(writing)
        assert _gone(grandchild)


def test_end_shows_on_the_descriptor() -> None:
    with Child(["true"]) as child:
        waiting = select.poll()
        waiting.register(child.fileno(), select.POLLIN)
        assert waiting.poll(20_000)
        assert child.poll() == 0


def test_child_outlives_the_thread_that_asked_for_it() -> None:
    """The kernel sends the parent-death signal when the forking thread ends; that must not be ours."""
    children: list[Child] = []
    thread = threading.Thread(target=lambda: children.append(Child(["sleep", "60"]).__enter__()))
    thread.start()
    thread.join()
    with pytest.raises(Expired):
        children[0].wait(Deadline.after_real(0.2, "nothing"))
    assert children[0].stop() == -signal.SIGTERM
    children[0].__exit__(None, None, None)


def test_no_descriptor_leaks() -> None:
    run(["true"], deadline=_soon())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with Child(["true"]):
            pass
        run(["true"], deadline=_soon())
    assert len(os.listdir("/proc/self/fd")) == before


OWNER = """
import os, sys
from harness.proc import Child
with Child(["sleep", "60"]) as child:
    os.write(int(sys.argv[1]), b"%d\\n" % child.pid)
    os.kill(os.getpid(), 9)
"""


def test_child_dies_with_a_killed_owner() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        with Child([sys.executable, "-c", OWNER, str(writing)], pass_fds=[writing],
                   env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as owner:
            os.close(writing)
            orphan = int(pipe.readline())
            assert owner.wait(_soon()) == -signal.SIGKILL
        assert _gone(orphan)


def test_orphan_of_an_owner_that_died_too_early_ends_by_itself() -> None:
    """The shim is told a parent that is not its own, as after the death of the real one."""
    shim = ["sh", "-c", proc._SHIM, "1", "echo", "started"]
    done = run(shim, deadline=_soon(), check=False)
    assert (done.status, done.stdout) == (125, b"")


def test_forked_process_can_start_children() -> None:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = run(["true"], deadline=_soon()).status
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_program_in_the_foreground_has_the_terminal_and_its_interrupts(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import os, signal\n"
                       "signal.signal(signal.SIGINT, lambda *_: os._exit(3))\n"
                       "print('group', os.getpgrp() == os.tcgetpgrp(0), flush=True)\n"
                       "signal.pause()\n")
    ours = ("from harness.proc import foreground\n"
            f"print('status', foreground(['{sys.executable}', '{program}']))")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with pexpect.spawn(sys.executable, ["-c", ours], env=env, timeout=30) as person:
        person.expect_exact("group True")
        person.sendintr()
        person.expect_exact("status 3")
        person.expect(pexpect.EOF)

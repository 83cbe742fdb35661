# SPDX-License-Identifier: GPL-2.0-only
"""What set-up says, and the programs it runs: one line per stage, details only where they help."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from harness.errors import HostError
from harness.output import tell

_KEPT_LINES = 400


def run_stage(
    title: str, argv: Sequence[str], *, env: Mapping[str, str] | None = None, holds: Sequence[int] = ()
) -> None:
    """Run a program of which only the last line matters as long as it does well.

    On a terminal its newest line is shown in place; elsewhere only the title is printed.

    :param holds: descriptors of locks that stay taken until the program ends, even if we are killed.
    :raise HostError: it cannot be started or fails; the first line that tells the cause is quoted.
    """
    tell(title)
    lines: list[str] = []
    # sudo belongs to root, so we could not end it: it stays where the terminal's Ctrl-C reaches it.
    group = None if argv[0] == "sudo" else 0
    process: subprocess.Popen[str] | None = None
    try:
        with _interrupts_later():
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=env,
                text=True,
                errors="replace",
                process_group=group,
                pass_fds=tuple(holds),
            )
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines = [*lines[-_KEPT_LINES:], line.rstrip()]
                _show(lines[-1])
        status = process.wait()
    except BaseException as error:
        if process is not None:
            _stop(process, own_group=group == 0)
        elif isinstance(error, OSError):
            raise HostError(f"cannot start {argv[0]}: {error.strerror}") from error
        raise
    finally:
        _show("")
    if status:
        raise HostError(f"{title} failed: {cause(lines) or f'status {status}'}")


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM, so that no program is started whose process is then unknown."""
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda n, frame: came.append(n))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in came:
        signal.raise_signal(late)


def cause(lines: Sequence[str]) -> str:
    """The line of a program's output that tells best why it failed; empty if it said nothing."""
    for marker in ("No space left on device", "ERROR:", "error:", "E:"):
        for line in lines:
            if marker in line:
                return line.strip()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _stop(process: subprocess.Popen[str], *, own_group: bool) -> None:
    """End the program with all that it started; one that is not ours to end is waited for."""
    if not own_group:
        process.wait()
        return
    for number, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _show(text: str) -> None:
    """Show a passing line in place; nothing if standard error is no terminal."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 3
        sys.stderr.write(f"\r\033[K  {text[:width]}" if text else "\r\033[K")
        sys.stderr.flush()

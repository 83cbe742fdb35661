# SPDX-License-Identifier: GPL-2.0-only
"""SIGTERM and Ctrl-C end a session, at whatever moment they come.

Both unwind the stack by an exception, so that machines are stopped and folders completed. But Python
swallows what is raised while it collects garbage, in a weak reference's callback or a `__del__`: the
session would go on as if nobody had asked. So a swallowed signal is sent once more, a moment later.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator
from types import FrameType
from typing import NoReturn

import pytest

_ENDED = pytest.StashKey[int]()
_AGAIN_S = 0.02


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if threading.current_thread() is threading.main_thread():
        _send_again_what_is_swallowed(session.config)


def end_cleanly_on_sigterm(config: pytest.Config) -> None:
    """SIGTERM ends the session as Ctrl-C does, with its own status."""

    def end(number: int, frame: FrameType | None) -> None:
        config.stash[_ENDED] = number
        _exit(number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)


def _send_again_what_is_swallowed(config: pytest.Config) -> None:
    """Must come after pytest has put its own hook in place."""
    before = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        error = unraisable.exc_value
        number = config.stash.get(_ENDED, None) if isinstance(error, pytest.exit.Exception) else None
        number = signal.SIGINT if isinstance(error, KeyboardInterrupt) else number
        if number is None:
            before(unraisable)
            return
        again = number
        # Not at once: it would be raised in here, and swallowed as well.
        signal.signal(signal.SIGALRM, lambda alarm, frame: signal.raise_signal(again))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)

    sys.unraisablehook = hook


def _exit(number: int) -> NoReturn:
    pytest.exit(f"ended by {signal.Signals(number).name}", returncode=128 + number)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """pytest takes an exit while it collects for a fault of the file that it reads."""
    report = yield
    number = collector.config.stash.get(_ENDED, None)
    if number is not None:
        _exit(number)
    return report

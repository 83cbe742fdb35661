# SPDX-License-Identifier: GPL-2.0-only
"""Stops of which nobody is told, on the way to where the user wants to be; what Ctrl-C must not break off."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import gdb

_OUT = 1
_working = False


def quiet() -> bool:
    """Whether stops are ours."""
    return _working


@contextmanager
def at_work() -> Iterator[None]:
    """Within it, stops are ours."""
    global _working
    _working = True
    gdb.flush()
    shown, nowhere = os.dup(_OUT), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _OUT)  # gdb tells of signals whatever its settings are
    try:
        yield
    finally:
        gdb.flush()
        os.dup2(shown, _OUT)
        os.close(shown)
        os.close(nowhere)
        _working = False


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within it Ctrl-C waits; it is heeded right behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

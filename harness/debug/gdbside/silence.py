# SPDX-License-Identifier: GPL-2.0-only
"""Stops on the way to where the user wants to be: nobody is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gdb

_working = False


def quiet() -> bool:
    """Whether stops are ours."""
    return _working


@contextmanager
def at_work() -> Iterator[None]:
    """Within it, stops are ours."""
    global _working
    _working = True
    gdb.execute("set suppress-cli-notifications on")
    try:
        yield
    finally:
        gdb.execute("set suppress-cli-notifications off")
        _working = False

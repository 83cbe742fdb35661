# SPDX-License-Identifier: GPL-2.0-only
"""Machines are admitted: whoever starts some takes tokens first, and waits if there are none left.

All runs of one user on one host share the tokens: two terminals, xdist's workers, CI beside a person.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.qemu.spec import MachineSpec
from harness.schedule.amount import available_mib, cost, host_total
from harness.schedule.tokens import Tell, Tokens

TOKENS_VARIABLE = "SOO_HARNESS_TOKENS"


def _to_standard_error(line: str) -> None:
    print(f"harness: {line}", file=sys.stderr, flush=True)


_tell: Tell = _to_standard_error


def tell_by(tell: Tell) -> None:
    """Whom this process tells from now on that it waits."""
    global _tell
    _tell = tell


def tokens_folder() -> Path:
    """$SOO_HARNESS_TOKENS if set, else one place for all runs of this user on this host.

    Neither in the cache, which hosts may share, nor in $TMPDIR or $XDG_RUNTIME_DIR, which differ between a
    login and a job of the same user.
    """
    chosen = os.environ.get(TOKENS_VARIABLE)
    return Path(chosen).absolute() if chosen else Path("/tmp") / f"soo-harness-{os.getuid()}"


@contextmanager
def admitted(spec: MachineSpec, who: str, machines: int = 1) -> Iterator[float]:
    """Hold what so many machines take; gives the seconds that were spent waiting. Ctrl-C ends the wait.

    :param who: the scenario or command, for those who have to wait.
    :raise HostError: the books cannot be kept
    """
    tokens = Tokens(tokens_folder(), host_total(), available_mib, lambda line: _tell(line))
    with tokens.taken(cost(spec, machines), who) as waited:
        yield waited

# SPDX-License-Identifier: GPL-2.0-only
"""Meeting a process at what it has just done: after a number of seconds, a slow host is elsewhere."""

import select
from collections.abc import Callable

from harness.deadline import Deadline
from harness.proc import Child

_BETWEEN_LOOKS_MS = 2


def wait_until(reached: Callable[[], object], child: Child, limit: Deadline) -> None:
    """Until `reached` says yes.

    :raise AssertionError: the process ended before
    :raise Expired: it never came
    """
    ended = select.poll()
    ended.register(child.fileno(), select.POLLIN)
    while not reached():
        assert not ended.poll(_BETWEEN_LOOKS_MS), f"it ended before {limit.what}"
        limit.check()

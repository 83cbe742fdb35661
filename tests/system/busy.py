# SPDX-License-Identifier: GPL-2.0-only
"""A host that is busy with something else: two loops for each of its CPUs."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harness.proc import Child

LOOPS_PER_CPU = 2


@contextmanager
def busy_host() -> Iterator[None]:
    """Within the context the CPUs are wanted by others too."""
    with ExitStack() as running:
        for _ in range(LOOPS_PER_CPU * (os.cpu_count() or 1)):
            running.enter_context(Child([sys.executable, "-c", "while True: pass"]))
        yield

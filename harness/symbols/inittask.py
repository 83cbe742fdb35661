# SPDX-License-Identifier: GPL-2.0-only
"""Where a kernel's first task is: the head of the list of all tasks.

Its symbol is no function's, so not every kernel names it. But it is the one task that is part of the image,
and its name is there: `swapper`, at a known place of an aligned structure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.errors import UsageError
from harness.symbols.table import Symbol

_NAME = re.compile(rb"swapper\0{9}")
_ALIGNED = 64  # task_struct, to a line of the cache
_LINKED = 0x1F_FFFF  # an arm64 kernel is linked to a multiple of 2 MB


def first_task(image: bytes, functions: Sequence[Symbol], task: Mapping[str, int]) -> int:
    """Address of `init_task` in a kernel that runs where it is linked to.

    :param functions: what the kernel's table has; the image begins at most 2 MB before the first one
    :param task: offsets of the members of its task_struct
    :raise UsageError: it is not found, or several might be it
    """
    found = [match.start() - task["comm"] for match in _NAME.finditer(image)
             if (match.start() - task["comm"]) % _ALIGNED == 0]
    if len(found) != 1 or not functions:
        raise UsageError(f"{len(found)} places in the kernel's image might be its first task, not one")
    return (min(functions).address & ~_LINKED) + found[0]

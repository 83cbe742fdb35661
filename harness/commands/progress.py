# SPDX-License-Identifier: GPL-2.0-only
"""What takes long says so: a spinner with the newest line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.cache.store import Progress


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """Give a function that shows one line about what goes on."""
    if not sys.stderr.isatty():
        yield lambda text: print(f"harness: {text}", file=sys.stderr, flush=True)
        return
    from rich.console import Console  # it takes 30 ms to import, and is not needed elsewhere

    console = Console(stderr=True)
    with console.status(title) as status:

        def show(text: str) -> None:
            status.update(f"{title}: {text}")
            console.print(f"harness: {text}", style="dim", highlight=False, markup=False)

        yield show

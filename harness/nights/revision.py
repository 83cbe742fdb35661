# SPDX-License-Identifier: GPL-2.0-only
"""Which state of the sources ran."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HarnessError
from harness.proc import run

_ROOT = Path(__file__).resolve().parents[2]
_WITHIN_S = 10


def revision() -> str:
    """The commit of the sources, with ``+`` if they were edited since; empty outside a git tree."""
    with suppress(HarnessError):
        return _git("rev-parse", "HEAD").strip() + ("+" if _git("status", "--porcelain", "-uno") else "")
    return ""


def _git(*words: str) -> str:
    return run(["git", "-C", str(_ROOT), *words], deadline=Deadline.after(_WITHIN_S, "git")).stdout.decode()

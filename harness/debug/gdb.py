# SPDX-License-Identifier: GPL-2.0-only
"""Runs gdb: in this terminal, or by a file of commands."""

from __future__ import annotations

from pathlib import Path

from harness.proc import find_tool, foreground

PROGRAM = "gdb-multiarch"


def run(script: Path, commands: Path | None = None) -> int:
    """Start gdb with our script, and return its exit status when the user leaves it.

    :param commands: a file of gdb's commands, run after ours; then gdb ends. None: the terminal has it
    :raise ToolMissing: gdb is not installed
    """
    gdb = find_tool(PROGRAM, PROGRAM)
    batch = ["-batch"] if commands is not None else []
    files = [script, *([commands] if commands is not None else [])]
    return foreground([gdb, "-q", "-nx", *batch, *(word for file in files for word in ("-x", str(file)))])

# SPDX-License-Identifier: GPL-2.0-only
"""Device tree sources, compiled by dtc with labels kept (`-@`)."""

import logging
import re
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import DtError
from harness.proc import find_tool, run

PACKAGE = "device-tree-compiler"

_log = logging.getLogger(__name__)
_PLACED = re.compile(r"^(?:Error: |Lexical error: )?(?P<file>[^:\n]+):(?P<line>\d+)\.\d+(?:-[\d.]+)?:? "
                     r"(?:ERROR \((?P<check>\w+)\): )?(?P<what>.+)$")
_FATAL = re.compile(r'^FATAL ERROR: (?P<what>Couldn\'t open "(?P<file>[^"]+)": .+)$')
_WARNING = re.compile(r"^(?P<place>.+?): Warning \((?P<check>\w+)\): (?P<what>.+)$")

# An overlay does not see the node that it is merged into, and dtc warns of what only that one can say.
_UNKNOWABLE = frozenset({"avoid_default_addr_size", "avoid_unnecessary_addr_size", "interrupts_property",
                         "ranges_format", "reg_format", "unique_unit_address"})


def compile_tree(source: Path, *, deadline: Deadline | None = None) -> bytes:
    """Compile a tree or an overlay; dtc's warnings go to the log.

    :param source: a .dts or .dtso file; what it includes is searched beside it
    :return: the flattened tree, with /__symbols__ if it has labels
    :raise DtError: the source is missing or wrong; names file and line
    :raise ToolMissing: dtc is not installed
    """
    dtc = find_tool("dtc", PACKAGE)
    if not source.is_file():
        raise DtError("no such device tree source", where=str(source))
    argv = [dtc, "-@", "-I", "dts", "-O", "dtb", "-o", "-", str(source)]
    done = run(argv, deadline=deadline or Deadline.after(30, f"dtc {source.name}"), check=False)
    messages = done.stderr.decode(errors="replace").splitlines()
    if done.status != 0:
        raise _error(source, messages)
    for warning in _warnings(messages):
        _log.warning("%s", warning)
    return done.stdout


def _error(source: Path, messages: list[str]) -> DtError:
    """The first error that dtc placed, else the first line that it wrote."""
    for message in messages:
        placed = _PLACED.match(message)
        if placed is not None and ": Warning (" not in message:
            return DtError(placed["what"], where=f"{placed['file']}:{placed['line']}")
        fatal = _FATAL.match(message)
        if fatal is not None:
            return DtError(fatal["what"], where=_including(source, fatal["file"]))
    first = next((line for line in messages if line.strip()), "dtc failed and said nothing")
    return DtError(first, where=str(source))


def _including(source: Path, included: str) -> str:
    """Where `source` includes a file that dtc could not open: dtc does not say it."""
    lines = source.read_text(errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if ("/include/" in line or "/incbin/" in line) and f'"{included}"' in line:
            return f"{source}:{number}"
    return str(source)


def _warnings(messages: list[str]) -> list[str]:
    """Warnings that matter, one line each."""
    kept = []
    for message in messages:
        warning = _WARNING.match(message)
        if warning is None or warning["what"].startswith("Failed prerequisite"):
            continue
        if warning["check"] in _UNKNOWABLE and "/__overlay__" in warning["what"]:
            continue
        kept.append(message)
    return kept

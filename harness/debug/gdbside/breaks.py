# SPDX-License-Identifier: GPL-2.0-only
"""Breakpoints by image and ME: ``soo-break me:vdummy_put --me 2``, ``soo-break vdummy:vdummy_probe``."""

from __future__ import annotations

import functools
from pathlib import Path

import gdb

from harness.debug.gdbside import images, places
from harness.debug.gdbside.session import Session

_ME, _KERNEL = "me", "kernel"
_USAGE = "soo-break [IMAGE:]FUNCTION [--me NUMBER|NAME]"


class _Break(gdb.Breakpoint):
    """A breakpoint that stops in the right ME only."""

    def __init__(self, address: int, what: str, domain: int | None, *, temporary: bool = False) -> None:
        super().__init__(f"*{address:#x}", temporary=temporary)
        self._what = what
        self._domain = domain

    def stop(self) -> bool:
        if not self._what.startswith(f"{_ME}:"):
            return places.place().domain is None
        domain = places.place().domain
        return domain is not None and self._domain in (None, domain)


class Break(gdb.Command):
    """soo-break [IMAGE:]FUNCTION [--me NUMBER|NAME]: stop there, in this ME only.

IMAGE is me, a module (soo, vdummy, vuart), kernel or soo-program; without it all are searched.
--me goes with functions of the ME's program, which all MEs run at the same address."""

    def __init__(self) -> None:
        super().__init__("soo-break", gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument: str, from_tty: bool) -> None:
        words = gdb.string_to_argv(argument)
        domain = None
        if "--me" in words:
            at = words.index("--me")
            domain = _domain(words[at + 1:at + 2])
            del words[at:at + 2]
        if len(words) != 1 or not words[0].rpartition(":")[2]:
            raise gdb.GdbError(f"usage: {_USAGE}")
        what, address = _resolve(words[0], me_only=domain is not None)
        breakpoint = _Break(address, what, domain)
        of = f" of ME {domain}" if domain is not None else ""
        of += " (there is none now)" if domain not in (None, *Session.now.facts.domains) else ""
        gdb.write(f"stops {breakpoint.number}: {what}{of} at {address:#x}\n")

    def complete(self, text: str, word: str) -> list[str]:
        return [f"{name}:" for name in Session.now.facts.images if name.startswith(word)]


def _domain(words: list[str]) -> int:
    """The domain of an ME by number or name."""
    domains = Session.now.facts.domains
    named = {name: number for number, name in domains.items()}
    if words and words[0] in named:
        return named[words[0]]
    all_known = Session.now.facts.replayed and domains
    if words and words[0].isdigit() and (int(words[0]) in domains or not all_known):
        return int(words[0])
    known = ", ".join(f"{number} ({name})" for number, name in sorted(domains.items()))
    raise gdb.GdbError(f"--me takes one of: {known or 'no ME is known yet, so a number'}")


def _resolve(text: str, *, me_only: bool) -> tuple[str, int]:
    """The one function that is meant, as IMAGE:FUNCTION, and its address."""
    image, _, function = text.rpartition(":")
    loaded = Session.now.facts.images
    if image and image not in (*loaded, *Session.now.facts.modules):
        raise gdb.GdbError(f"no image '{image}'; there are: {', '.join(loaded)}")
    if me_only and image not in ("", _ME):
        raise gdb.GdbError(f"--me goes with functions of MEs, and {image}: is none of them")
    searched = [image] if image else [_ME] if me_only else list(loaded)
    found = [(f"{name}:{function}", address) for name in searched
             if (address := _address(name, function)) is not None]
    if not found:
        raise gdb.GdbError(f"no function '{function}' in {', '.join(searched)}; it may have been inlined")
    if len(found) > 1:
        raise gdb.GdbError(f"'{function}' is in several images; say {' or '.join(name for name, _ in found)}")
    return found[0]


def _address(image: str, function: str) -> int | None:
    """Where a function of one image begins."""
    if image == _KERNEL:
        return kernel_function(function)
    symbol = images.symbol(image, function)
    return int(symbol.value().address) if symbol is not None and symbol.symtab is not None else None


@functools.cache
def kernel_function(name: str) -> int | None:
    """Where a function of the kernel begins: it has no debug information, and others may have the name."""
    path = Session.now.facts.kernel_names
    lines = Path(path).read_text(encoding="utf-8").splitlines() if path else []
    return next((int(line.split()[0], 16) for line in lines if line.endswith(f" {name}")), None)


def register() -> None:
    """Add the commands."""
    Break()

# SPDX-License-Identifier: GPL-2.0-only
"""What a console prints when its guest has failed, by operating system.

A pattern is applied to one line at a time, without its line end. Texts are those of Linux 6.1
(kernel/panic.c, arch/arm64/kernel/traps.c, arch/arm64/mm/fault.c, kernel/hung_task.c,
kernel/watchdog.c, kernel/rcu/tree_stall.h) and of the SO3 operating system.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.errors import UsageError

_SPECIAL = re.compile(rb"[\\.^$*+?{}\[\]|()]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A failure that can be read off a console line.

    :param name: short name, the same for the same failure on every system
    :param regex: what the line contains
    :param max_count: how many such lines are no failure yet: 1 for a boot banner, else 0
    :param literals: the line contains one of these whenever `regex` matches; lets the scanner pass
        over harmless text at the speed of a plain search. None given: each line is tried
    :raise UsageError: the expression is not valid, or matches the empty line
    """

    name: str
    regex: bytes
    literals: tuple[bytes, ...]
    max_count: int = 0

    def __post_init__(self) -> None:
        try:
            empty = re.search(self.regex, b"") is not None
        except re.error as error:
            raise UsageError(f"not a regular expression: {error}", where=f"pattern {self.name}") from error
        if empty or not all(self.literals):
            raise UsageError("matches every line", where=f"pattern {self.name}")


def _plain(name: str, *texts: bytes, max_count: int = 0) -> Pattern:
    return Pattern(name, b"|".join(re.escape(text) for text in texts), texts, max_count)


LINUX = (
    _plain("panic", b"Kernel panic - not syncing", b"SError Interrupt on CPU"),
    _plain("oops", b"Internal error: ", b"Unable to handle kernel "),
    Pattern("bug", rb"kernel BUG at |(?<![A-Za-z])BUG: (?!soft lockup|workqueue lockup)",
            (b"kernel BUG at ", b"BUG: ")),
    Pattern("warning", rb"WARNING: CPU: \d+ PID: \d+ at ", (b"WARNING: CPU: ",)),
    Pattern("hung_task", rb"INFO: task .{1,80} blocked for more than \d+ seconds",
            (b"blocked for more than",)),
    _plain("lockup", b"soft lockup - CPU", b"BUG: workqueue lockup", b"hard LOCKUP"),
    Pattern("rcu_stall", rb"rcu: INFO: \S+ (?:self-detected stall|detected (?:expedited )?stalls) on",
            (b"detected stall", b"detected expedited stall")),
    _plain("second_boot", b"Booting Linux on physical CPU", max_count=1),
)

SO3 = (
    Pattern("bug", rb"\bBUG in .* at line", (b"BUG in ",)),
    _plain("panic", b"kernel_panic: entering infinite loop"),
    _plain("second_boot", b"Smart Object Oriented SO3 Operating System", max_count=1),
)

UBOOT = (
    Pattern("panic", rb"### ERROR ### Please RESET the board ###", (b"### ERROR ###",)),
    Pattern("oops", rb'^"(?:Synchronous Abort|Error|Bad Mode)[^"]*" handler|^(?:data|prefetch) abort$',
            (b"handler", b"abort")),
    # Not the banner: the command `version` prints that too.
    Pattern("second_boot", rb"^DRAM:  ", (b"DRAM:  ",), 1),
)

_SYSTEMS = {"linux": LINUX, "so3": SO3, "uboot": UBOOT}


def of(system: str | None) -> tuple[Pattern, ...]:
    """The patterns of an operating system: `linux`, `so3`, `uboot`; none for None.

    :raise UsageError: no such system
    """
    if system is None:
        return ()
    try:
        return _SYSTEMS[system]
    except KeyError:
        raise UsageError(f"no failure patterns for {system!r}",
                         hint=f"known: {', '.join(_SYSTEMS)}") from None


def custom(name: str, regex: bytes, *, max_count: int = 0) -> Pattern:
    """A pattern of a manifest's author; one without special characters is scanned for fastest.

    :raise UsageError: not a valid regular expression, or it matches the empty line
    """
    return Pattern(name, regex, () if _SPECIAL.search(regex) else (regex,), max_count)


def combined(*groups: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """All patterns of `groups`; a later one replaces an earlier one of the same name."""
    return tuple({pattern.name: pattern for group in groups for pattern in group}.values())

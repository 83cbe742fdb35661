# SPDX-License-Identifier: GPL-2.0-only
"""Text to and from MEs through their vuarts, each line marked so that no mixture goes unseen."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from harness.check.violation import Violation
from harness.deadline import Deadline
from harness.scenario.context import Context
from harness.scenario.site import Place, Site
from harness.scenario.watch import failure

_KIND = "vuart"
# What an ME's shell prints for `echo MARK-NUMBER-xxx`; a line that it echoes has the command before.
_LINE = re.compile(rb"^(\w+)-(\d+)-x*\r?$", re.MULTILINE)


@dataclass
class Chat:
    """Lines that were typed to one ME and come back.

    :ivar mark: word that begins each of them, of this ME and this chat alone.
    :ivar parts: where the text comes, in order: machine, console, position from where on.
    """

    mark: str
    lines: int
    parts: list[tuple[Site, str, int]] = field(default_factory=list)
    kept: bytes = b""

    def text(self) -> bytes:
        """All that the ME has printed to its vuart since the chat began."""
        site, console, start = self.parts[-1]
        return self.kept + site.machine.console(console).text(start)

    def seen(self) -> list[tuple[str, int]]:
        """The marked lines that came, in order."""
        return [(match[1].decode(), int(match[2])) for match in _LINE.finditer(self.text())]


def begin(ctx: Context, names: Collection[str], lines: int, width: int) -> None:
    """Type commands that print to all these vuarts, without waiting for one before the next."""
    for name in names:
        if name in ctx.chats:
            raise ctx.lacks(f"text of '{name}' under way already")
        chat = Chat(f"{name.replace('-', '_')}{ctx.rng.getrandbits(24):06x}", lines)
        chat.parts.append((ctx.site_of(name), console_of(ctx, name), _console(ctx, name)))
        ctx.chats[name] = chat
    for name in names:
        chat = ctx.chats[name]
        typed = "".join(f"echo {chat.mark}-{number:04}-{'x' * width}\r" for number in range(lines))
        site, console, _ = chat.parts[-1]
        site.machine.console(console).send(typed.encode())


def finish(ctx: Context, names: Collection[str], seconds: float) -> None:
    """Wait until all lines are there, and judge that they are each ME's own, complete, once, in order.

    :raise ExpectationFailed: a line is missing, doubled, out of order, damaged, or of another ME
    """
    deadline = ctx.limit(seconds, f"text of {', '.join(names)}")
    for name in names:
        if name not in ctx.chats:
            raise ctx.lacks(f"no text of '{name}' under way")
        _await(ctx, ctx.chats[name], deadline)
    found = [violation for name in names for violation in _judge(name, ctx.chats[name])]
    for name in names:
        chat = ctx.chats.pop(name)
        ctx.timeline.add("vuart", f"{name}: {len(chat.seen())} lines of {chat.lines}, "
                                  f"{len(chat.text())} bytes, {len(chat.parts)} places")
    if found:
        raise failure(found)


def positions(ctx: Context) -> dict[str, int]:
    """Where the vuart consoles of the machine that is meant are now."""
    return {name: console.mark() for name, console in ctx.machine.consoles.items() if name.startswith(_KIND)}


def follow(ctx: Context, name: str, starts: dict[str, int]) -> None:
    """The ME was restored on the machine that is meant: its text goes on there."""
    chat = ctx.chats.get(name)
    if chat is None:
        return
    console = console_of(ctx, name)
    site, old, _ = chat.parts[-1]
    if (site, old) != (ctx.site, console):
        chat.kept = chat.text()
        chat.parts.append((ctx.site, console, starts[console]))


def console_of(ctx: Context, name: str) -> str:
    """The console that carries the vuart of an ME.

    :raise UsageError: the image set has none
    """
    console = f"{_KIND}{ctx.me(name).domain}"
    if console not in ctx.machine.consoles:
        raise ctx.lacks(f"no console '{console}'")
    return console


def _console(ctx: Context, name: str) -> int:
    return ctx.site_of(name).machine.console(console_of(ctx, name)).mark()


def _await(ctx: Context, chat: Chat, deadline: Deadline) -> None:
    """Until the last line is there, or the time is over: what is missing is told by the judgement."""
    site, console, start = chat.parts[-1]
    last = re.compile(rb"\b%s-%04d-x*\r?\n" % (chat.mark.encode(), chat.lines - 1))
    if last.search(chat.kept):
        return
    ctx.await_match(Place(site, 0, console, start), re.compile(rb"(?:^|\n)" + last.pattern), deadline)


def _judge(name: str, chat: Chat) -> Iterator[Violation]:
    place = f"{name}/{_KIND}"
    seen = chat.seen()
    foreign = [f"{mark}-{number}" for mark, number in seen if mark != chat.mark]
    own = [number for mark, number in seen if mark == chat.mark]
    missing = sorted(set(range(chat.lines)) - set(own))
    doubled = sorted({number for number in own if own.count(number) > 1})
    expected = f"{chat.lines} lines of its own, each once, in order"
    if foreign:
        yield Violation("vuart.mixed", place, expected, f"{len(foreign)} of others: {', '.join(foreign[:5])}")
    if missing:
        yield Violation("vuart.lost", place, expected, f"{len(missing)} missing: {missing[:5]}")
    if doubled:
        yield Violation("vuart.doubled", place, expected, f"{len(doubled)} twice: {doubled[:5]}")
    if not missing and not doubled and own != sorted(own):
        yield Violation("vuart.order", place, expected, "lines in another order")

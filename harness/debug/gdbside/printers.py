# SPDX-License-Identifier: GPL-2.0-only
"""Pretty-printers: links, rings, nodes of the store, of either side, at a glance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gdb
import gdb.printing

from harness.debug.gdbside import sight
from harness.debug.gdbside.images import variable
from harness.debug.gdbside.sight import Sight, at, member

Show = Callable[[gdb.Value], str]
# Who prints a value has it before his eyes: what it points to is seen by the same CPU.
_SEEN = sight.Direct()
_MOST_ENTRIES = 1000
_INDICES = ("req_prod", "req_cons", "rsp_prod", "rsp_cons")


class _Printer:
    """Shows a structure as one line."""

    def __init__(self, show: Show, value: gdb.Value) -> None:
        self._show = show
        self._value = value

    def to_string(self) -> str:
        try:
            return self._show(self._value)
        except gdb.MemoryError as error:
            return f"<{error}>"


def _enum(value: gdb.Value) -> str:
    return str(value).removeprefix("VBUS_STATE_").removeprefix("VBUS_")


def vbus_device(value: gdb.Value, look: Sight = _SEEN) -> str:
    """One link, as its BE or its FE has it."""
    names = {field.name for field in value.type.fields()}
    other = "fe_state" if "fe_state" in names else "otherend_state"
    mine, theirs = ("BE", "FE") if other == "fe_state" else ("FE", "BE")
    marks = [name for name in ("failed", "gone", "over") if name in names and int(value[name])]
    inside = "in_work" if "in_work" in names else "inside"
    opened = "section_open" if "section_open" in names else "open"
    sections = f"sections {'open' if int(value[opened]) else 'shut'}, {int(value[inside])} inside"
    name = look.text(value["nodename"])
    return (f"{name}: {mine} {_enum(value['state'])}, {theirs} {_enum(value[other])}, "
            f"{sections}{''.join(f', {mark}' for mark in marks)}")


def ring(value: gdb.Value, look: Sight = _SEEN) -> str:
    """One half of a ring: its own indices, then what the page says."""
    if not int(value["page"]):
        return "no ring"
    own = f"{int(value['entries'])} entries, own req {int(value['req'])} rsp {int(value['rsp'])}"
    try:
        page = look.target(value["page"])
        shared = " ".join(f"{name} {int(page[name])}" for name in _INDICES)
    except gdb.MemoryError:
        shared = "not in sight from here"
    return f"{own}; page {int(value['page']):#x}: {shared}"


def vbus_ring(value: gdb.Value, look: Sight = _SEEN) -> str:
    """The ring of a BE."""
    half = ring(value["ring"], look)
    return f"BE's half, ref {int(value['ref'])}, channel {int(value['evtchn'])}, {half}"


def vbus_link(value: gdb.Value) -> str:
    """The ring of an FE."""
    return f"FE's half, ref {int(value['ref'])}, channel {int(value['evtchn'])}, {ring(value['ring'])}"


def vbs_node(value: gdb.Value, look: Sight = _SEEN) -> str:
    """A node of the store with its path."""
    assigned = f" = {look.text(value['value'])!r}" if int(value["value"]) else "/"
    return f"{path_of(value, look)}{assigned} (of domain {int(value['owner'])})"


def path_of(node: gdb.Value, look: Sight) -> str:
    """From the root down."""
    names: list[str] = []
    while int(node["parent"]):
        names.insert(0, look.text(node["name"]))
        node = look.target(node["parent"])
    return "/".join(names)


def children(node: gdb.Value, look: Sight) -> Iterator[gdb.Value]:
    """Pointers to the nodes directly below the one that a pointer points to."""
    yield from entries(member(node, "children"), node.type.target(), "link", look)


def entries(head: gdb.Value, kind: gdb.Type, link: str, look: Sight) -> Iterator[gdb.Value]:
    """Pointers to the structures of a list of the kernel's, which is linked through this member.

    :param head: a pointer to the list's head
    """
    offset = int(member(at(0, kind), link))
    following = look.target(head)["next"]
    for _ in range(_MOST_ENTRIES):
        if int(following) == int(head):
            return
        yield at(int(following) - offset, kind)
        following = look.target(following)["next"]


class Store(gdb.Command):
    """soo-store [PATH]: the store, or what is below a path, as it is now; $node is the node of PATH.

After it, watch -l $node->value stops at each write of that entry."""

    def __init__(self) -> None:
        super().__init__("soo-store", gdb.COMMAND_DATA)

    def invoke(self, argument: str, from_tty: bool) -> None:
        look = sight.agency()
        try:
            node = find(argument.strip().strip("/"), look)
            gdb.set_convenience_variable("node", node)
            lines = list(_lines(node, look)) or ["the store is empty"]
            for line in lines:
                gdb.write(f"{line}\n")
        except gdb.MemoryError as error:
            raise gdb.GdbError(f"the store cannot be read now: {error}") from None


def find(path: str, look: Sight) -> gdb.Value:
    """A pointer to the node of a path.

    :raise gdb.GdbError: it is not there
    :raise gdb.MemoryError: there is no store now
    """
    node = variable("soo", "root")
    for name in filter(None, path.split("/")):
        below = [child for child in children(node, look) if look.text(look.target(child)["name"]) == name]
        if not below:
            raise gdb.GdbError(f"the store has no '{path}'")
        node = below[0]
    return node


def _lines(node: gdb.Value, look: Sight) -> Iterator[str]:
    value = look.target(node)
    if int(value["parent"]):
        yield vbs_node(value, look)
    for child in children(node, look):
        yield from _lines(child, look)


def register() -> None:
    """Add printers and commands."""
    found = gdb.printing.RegexpCollectionPrettyPrinter("soo")
    for name, show in (("vbus_device", vbus_device), ("ring", ring), ("vbus_ring", vbus_ring),
                       ("vbus_link", vbus_link), ("vbs_node", vbs_node)):
        found.add_printer(name, f"^{name}$", lambda value, show=show: _Printer(show, value))
    gdb.printing.register_pretty_printer(None, found)
    Store()

# SPDX-License-Identifier: GPL-2.0-only
"""Pretty-printers: links, rings, nodes of the store, of either side, at a glance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gdb
import gdb.printing

Show = Callable[[gdb.Value], str]
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


def text(value: gdb.Value) -> str:
    """The characters of an array or behind a pointer."""
    return value.string(errors="replace") if int(value.address or 1) else ""


def _enum(value: gdb.Value) -> str:
    return str(value).removeprefix("VBUS_STATE_").removeprefix("VBUS_")


def vbus_device(value: gdb.Value) -> str:
    """One link, as its BE or its FE has it."""
    names = {field.name for field in value.type.fields()}
    other = "fe_state" if "fe_state" in names else "otherend_state"
    mine, theirs = ("BE", "FE") if other == "fe_state" else ("FE", "BE")
    marks = [name for name in ("failed", "gone", "over") if name in names and int(value[name])]
    inside = "in_work" if "in_work" in names else "inside"
    opened = "section_open" if "section_open" in names else "open"
    sections = f"sections {'open' if int(value[opened]) else 'shut'}, {int(value[inside])} inside"
    return (f"{text(value['nodename'])}: {mine} {_enum(value['state'])}, {theirs} {_enum(value[other])}, "
            f"{sections}{''.join(f', {mark}' for mark in marks)}")


def ring(value: gdb.Value) -> str:
    """One half of a ring: its own indices, then what the page says."""
    if not int(value["page"]):
        return "no ring"
    own = f"{int(value['entries'])} entries, own req {int(value['req'])} rsp {int(value['rsp'])}"
    try:
        page = value["page"].dereference()
        shared = " ".join(f"{name} {int(page[name])}" for name in _INDICES)
    except gdb.MemoryError:
        shared = "not in sight from here"
    return f"{own}; page {int(value['page']):#x}: {shared}"


def vbus_ring(value: gdb.Value) -> str:
    """The ring of a BE."""
    return f"BE's half, ref {int(value['ref'])}, channel {int(value['evtchn'])}, {ring(value['ring'])}"


def vbus_link(value: gdb.Value) -> str:
    """The ring of an FE."""
    return f"FE's half, ref {int(value['ref'])}, channel {int(value['evtchn'])}, {ring(value['ring'])}"


def vbs_node(value: gdb.Value) -> str:
    """A node of the store with its path."""
    return f"{path_of(value)}{_assigned(value)} (of domain {int(value['owner'])})"


def _assigned(node: gdb.Value) -> str:
    return f" = {text(node['value'])!r}" if int(node["value"]) else "/"


def path_of(node: gdb.Value) -> str:
    """From the root down."""
    names: list[str] = []
    while int(node["parent"]):
        names.insert(0, text(node["name"]))
        node = node["parent"].dereference()
    return "/".join(names)


def children(node: gdb.Value) -> Iterator[gdb.Value]:
    """The nodes directly below one."""
    yield from entries(node["children"], node.type, "link")


def entries(head: gdb.Value, kind: gdb.Type, member: str) -> Iterator[gdb.Value]:
    """The structures of a list of the kernel's, which is linked through `member`."""
    offset = int(next(field.bitpos for field in kind.fields() if field.name == member) // 8)
    at = head["next"]
    for _ in range(_MOST_ENTRIES):
        if int(at) == int(head.address):
            return
        yield gdb.Value(int(at) - offset).cast(kind.pointer()).dereference()
        at = at.dereference()["next"]


class Store(gdb.Command):
    """soo-store [PATH]: the store, or what is below a path, as it is now; $node is the node of PATH.

After it, watch -l $node->value stops at each write of that entry."""

    def __init__(self) -> None:
        super().__init__("soo-store", gdb.COMMAND_DATA)

    def invoke(self, argument: str, from_tty: bool) -> None:
        try:
            node = find(argument.strip().strip("/"))
            gdb.set_convenience_variable("node", node.address)
            for line in _lines(node):
                gdb.write(f"{line}\n")
        except gdb.MemoryError:
            raise gdb.GdbError("the store is in sight when the agency's kernel runs: "
                               "stop in a function of it") from None


def find(path: str) -> gdb.Value:
    """The node of a path.

    :raise gdb.GdbError: it is not there
    :raise gdb.MemoryError: the store is not in sight
    """
    symbol = gdb.lookup_static_symbol("root")
    if symbol is None:
        raise gdb.GdbError("no store: soo.ko has no symbols here")
    node = symbol.value()
    for name in filter(None, path.split("/")):
        below = [child for child in children(node) if text(child["name"]) == name]
        if not below:
            raise gdb.GdbError(f"the store has no '{path}'")
        node = below[0]
    return node


def _lines(node: gdb.Value) -> Iterator[str]:
    if int(node["parent"]):
        yield str(vbs_node(node))
    for child in children(node):
        yield from _lines(child)


def register() -> None:
    """Add printers and commands."""
    found = gdb.printing.RegexpCollectionPrettyPrinter("soo")
    for name, show in (("vbus_device", vbus_device), ("ring", ring), ("vbus_ring", vbus_ring),
                       ("vbus_link", vbus_link), ("vbs_node", vbs_node)):
        found.add_printer(name, f"^{name}$", lambda value, show=show: _Printer(show, value))
    gdb.printing.register_pretty_printer(None, found)
    Store()

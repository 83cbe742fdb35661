# SPDX-License-Identifier: GPL-2.0-only
"""A read-only view of a device tree, parsed by pyfdt.

pyfdt is from 2015. What it does with trees of today, and what is done about it here:

- `FdtBlobParse` reads them right, version 17 and NOPs included. It takes an unknown token for the
  start of a node and dies of odd exceptions on truncated input: libfdt checks each tree first.
- `to_fdt()` guesses a type for each value and refuses a node that has a property and a child of the
  same name, which is legal; `to_raw()` of cells fails under Python 3. So the token list is used,
  which holds every value as the bytes that it is.
- It names the root "/" and would name any other node without a name so; the depth decides here.
"""

import functools
import io
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyfdt import pyfdt

from harness.dt import blob
from harness.errors import DtError

Nodes = dict[str, dict[str, bytes]]


@dataclass(frozen=True, slots=True)
class Tree:
    """A device tree as plain values.

    :param nodes: path -> property -> value, in the order of the tree; the root is "/"
    """

    nodes: Mapping[str, Mapping[str, bytes]]

    @staticmethod
    def parse(data: bytes, name: str = "device tree") -> "Tree":
        """Read a flattened tree.

        :param name: file or other origin, for the error text
        :raise DtError: it is no tree, truncated, damaged, or has a node or property twice
        """
        return _parse(data, name)

    def value(self, path: str, prop: str) -> bytes | None:
        """The value of a property, or None if there is no such node or property."""
        return self.nodes.get(path, {}).get(prop)

    def text(self, path: str, prop: str) -> str | None:
        """The first string of a property, or None if there is no such node or property."""
        value = self.value(path, prop)
        return None if value is None else value.split(b"\0")[0].decode("ascii", "replace")

    def enabled(self, path: str) -> bool:
        """Whether the node exists and its own status is absent, `okay` or `ok` (devicetree spec)."""
        if path not in self.nodes:
            return False
        return self.text(path, "status") in (None, "okay", "ok")

    def children(self, path: str) -> tuple[str, ...]:
        """Paths of the nodes directly below `path`."""
        head = path.rstrip("/") + "/"
        return tuple(p for p in self.nodes if p.startswith(head) and p != "/" and "/" not in p[len(head):])

    def nodes_compatible(self, compatible: str) -> tuple[str, ...]:
        """Paths of the nodes with `compatible` among their compatible strings, enabled or not."""
        wanted = compatible.encode()
        return tuple(path for path, props in self.nodes.items()
                     if wanted in props.get("compatible", b"").split(b"\0"))

    def without(self, subtrees: Iterable[str], props: Iterable[str] = ()) -> "Tree":
        """A copy that lacks some nodes with all below them, and some properties wherever they are."""
        heads = tuple(subtrees)
        dropped = frozenset(props)
        return Tree({path: {name: value for name, value in node.items() if name not in dropped}
                     for path, node in self.nodes.items()
                     if not any(path == head or path.startswith(head + "/") for head in heads)})


# Trees of one process are few, and asked for again and again.
@functools.lru_cache(maxsize=256)
def _parse(data: bytes, name: str) -> Tree:
    whole = blob.check(data, name)
    try:
        tags = pyfdt.FdtBlobParse(io.BytesIO(whole)).fdt_dt_tags
    except (ValueError, TypeError, struct.error) as error:
        raise DtError(f"damaged: pyfdt cannot read it ({error})", where=name) from error
    return Tree(_collect(tags, name))


def _collect(tags: Iterable[tuple[int, object]], name: str) -> Nodes:
    nodes: Nodes = {}
    stack: list[str] = []
    for tag, content in tags:
        if tag == pyfdt.FDT_BEGIN_NODE:
            path = f"{stack[-1].rstrip('/')}/{content}" if stack else "/"
            if path in nodes:
                raise DtError(f"damaged: node {path} is there twice", where=name)
            nodes[path] = {}
            stack.append(path)
        elif tag == pyfdt.FDT_END_NODE:
            stack.pop()
        elif tag == pyfdt.FDT_PROP:
            assert isinstance(content, tuple)
            prop, value = content
            if prop in nodes[stack[-1]]:
                raise DtError(f"damaged: property {prop} of {stack[-1]} is there twice", where=name)
            nodes[stack[-1]][prop] = value
    return nodes

# SPDX-License-Identifier: GPL-2.0-only
"""Why an overlay does not apply: libfdt only says NOTFOUND or BADOVERLAY."""

import difflib
from collections.abc import Collection, Iterator

from harness.dt.view import Tree

_SHOWN = 8


def explain(base: Tree, overlay: Tree, error: str) -> tuple[str, str | None]:
    """The cause in words, and what to do about it.

    :param base: the tree that the overlay was to be merged into
    :param overlay: the overlay, before libfdt touched it
    :param error: libfdt's name of the error, the last resort
    """
    for found in _causes(base, overlay):
        return found
    return f"libfdt refuses the overlay: {error}", None


def fragments(overlay: Tree) -> list[str]:
    """Paths of the overlay's fragments; none: it is no overlay."""
    return [path for path in overlay.children("/") if f"{path}/__overlay__" in overlay.nodes]


def nearest(word: str, known: Collection[str], kind: str) -> str | None:
    """A hint that names the known word most like `word`, or else some of what there is."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if close:
        return f"nearest {kind}: {close[0]}"
    if not known:
        return None
    listed = ", ".join(sorted(known)[:_SHOWN])
    more = ", ..." if len(known) > _SHOWN else ""
    return f"{kind}s that it has: {listed}{more}"


def _causes(base: Tree, overlay: Tree) -> Iterator[tuple[str, str | None]]:
    yield from _labels(base, overlay)
    for fragment in fragments(overlay):
        yield from _target(base, overlay, fragment)


def _labels(base: Tree, overlay: Tree) -> Iterator[tuple[str, str | None]]:
    symbols = base.nodes.get("/__symbols__", {})
    for label, uses in overlay.nodes.get("/__fixups__", {}).items():
        if label not in symbols:
            what = f"label '{label}', {_use(uses)}, is not in the tree it is applied to"
            if symbols:
                yield what, nearest(label, symbols.keys(), "label")
            else:
                yield f"{what}, which has no labels", "compile that tree with `dtc -@`, or use &{/path}"
        elif (path := _string(symbols[label])) not in base.nodes:
            yield (f"label '{label}' stands for {path}, which is not in the tree it is applied to",
                   nearest(path, base.nodes.keys(), "path"))


def _use(uses: bytes) -> str:
    """The first use of a label, in words; the format is PATH:PROPERTY:OFFSET."""
    path, _, rest = uses.split(b"\0")[0].decode("ascii", "replace").partition(":")
    prop = rest.partition(":")[0]
    if prop == "target" and path.count("/") == 1:
        return f"the target of {path[1:]}"
    return f"used by property {prop} of {path}"


def _target(base: Tree, overlay: Tree, fragment: str) -> Iterator[tuple[str, str | None]]:
    path = overlay.value(fragment, "target-path")
    if path is not None:
        target = _string(path)
        if target not in base.nodes and not _is_alias(base, target):
            yield (f"target path {target} ({fragment}) is not in the tree it is applied to",
                   nearest(target, _plain(base), "path"))
    elif overlay.value(fragment, "target") is None:
        yield f"{fragment} has neither target nor target-path", None


def _is_alias(base: Tree, target: str) -> bool:
    return not target.startswith("/") and base.value("/aliases", target.split("/")[0]) is not None


def _plain(base: Tree) -> list[str]:
    return [path for path in base.nodes if not path.startswith("/__")]


def _string(value: bytes) -> str:
    return value.rstrip(b"\0").decode("ascii", "replace")

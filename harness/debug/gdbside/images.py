# SPDX-License-Identifier: GPL-2.0-only
"""What one image has in it, where others have the same names: the vbus of the agency and that of MEs."""

from __future__ import annotations

from pathlib import Path

import gdb

from harness.debug.gdbside.session import Session


def symbol(image: str, name: str) -> gdb.Symbol | None:
    """A function or variable of one image, or None.

    :raise gdb.GdbError: the image is not loaded
    """
    facts = Session.now.facts
    if image not in facts.images:
        way = f"; soo-until {image} runs until it is" if image in facts.modules else ""
        raise gdb.GdbError(f"{image} is not loaded yet{way}")
    for objfile in gdb.objfiles():
        if objfile.filename is not None and Path(objfile.filename).samefile(facts.images[image]):
            return objfile.lookup_global_symbol(name) or objfile.lookup_static_symbol(name)
    return None


def variable(image: str, name: str) -> gdb.Value:
    """A pointer to a variable, or function, of one image.

    :raise gdb.GdbError: the image is not loaded, or has none of that name
    """
    found = symbol(image, name)
    if found is None:
        raise gdb.GdbError(f"{image} has no {name}")
    return found.value().address

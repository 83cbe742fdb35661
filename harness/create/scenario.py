# SPDX-License-Identifier: GPL-2.0-only
"""A new scenario that passes when it is run at once."""

from __future__ import annotations

import re
from pathlib import Path

from harness.create.write import TEMPLATES, filled, write_new
from harness.errors import UsageError
from harness.scenario.schema import OVERLAYS
from harness.yamlnode import nearest

_NAME = re.compile(r"([a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9-]*\Z")
_BACKEND = "-be-on"
# What shows that a device works, by its type; of others the list of links.
_STEPS = {
    "vdummy": "  - send: {me: alpha, count: 100, window: 8}\n  - memory.agrees: alpha/vdummy",
    "vuart": "  - chat: {me: alpha, lines: 10}",
}


def devices() -> list[str]:
    """Types of devices that overlays can switch on."""
    return sorted(path.stem.removesuffix(_BACKEND) for path in OVERLAYS.glob(f"*{_BACKEND}.dtso"))


def write_scenario(name: str, device: str, folder: Path, *, python: bool) -> Path:
    """Write it; gives its file.

    :param name: as in ``links/my-first``: folders below `folder`, and the file without suffix.
    :raise UsageError: a name that cannot be, an unknown device, or the file is there already
    """
    if not _NAME.match(name):
        raise UsageError(f"'{name}' is no name of a scenario", where="new scenario",
                         hint="lower-case letters, digits and -, for instance links/my-first")
    if device not in devices():
        meant = nearest(device, devices())
        raise UsageError(f"there is no device '{device}'", where="new scenario",
                         hint=f"{meant}{'' if meant.endswith('?') else ';'} 'harness new device' makes one")
    place, _, stem = name.rpartition("/")
    function = stem.replace("-", "_")
    values = {"title": stem, "function": function, "device": device,
              "steps": _STEPS.get(device, f"  - expect.links: [alpha/{device}]")}
    kind = "py" if python else "yaml"
    file = folder / place / (f"test_{function}.py" if python else f"{stem}.yaml")
    write_new({file: filled(TEMPLATES / "scenario" / f"scenario.{kind}.in", values)})
    return file

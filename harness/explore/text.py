# SPDX-License-Identifier: GPL-2.0-only
"""Steps and systems as the text of scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

# A step as a scenario has it: one name and its value.
Step = tuple[str, object]

_BACKENDS = ("vdummy-be-on", "vuart-be-on")
_FRONTENDS = ("vdummy-fe-on", "vuart-fe-on")


@dataclass(frozen=True, slots=True)
class Setup:
    """What is booted for an exploration.

    :ivar mes: names of the ME images.
    :ivar agency_fault: planted defect of the agency, or None.
    :ivar me_fault: planted defect of every ME, or None.
    """

    images: str
    mes: tuple[str, ...]
    machines: tuple[str, ...]
    agency_fault: str | None = None
    me_fault: str | None = None


def spell(step: Step) -> str:
    """A step on one line, as it stands after the dash."""
    name, value = step
    return f"{name}: {_flow(value)}" if value is not None else name


def scenario(setup: Setup, steps: Iterable[Step | str], *, about: str, deadline: int,
             notes: Sequence[str] = ()) -> str:
    """The text of a scenario.

    :param steps: as values, or spelled.
    :param notes: lines of comment at its head.
    """
    lines = ["# SPDX-License-Identifier: GPL-2.0-only", *(f"# {note}" for note in notes)]
    lines.append(f"about: {_flow(about)}")
    lines += [f"{key}: {_flow(value)}" for key, value in _system(setup).items()]
    lines += [f"deadline: {deadline}s", "steps:"]
    lines += [f"  - {step if isinstance(step, str) else spell(step)}" for step in steps]
    return "\n".join(lines) + "\n"


def _system(setup: Setup) -> Mapping[str, object]:
    found: dict[str, object] = {"images": setup.images, "tags": ["explored"]}
    if len(setup.machines) > 1:
        found["machines"] = list(setup.machines)
    found["agency"] = {"overlays": list(_BACKENDS), **_fault(setup.agency_fault)}
    found["mes"] = [{"name": name, "overlays": list(_FRONTENDS), **_fault(setup.me_fault)}
                    for name in setup.mes]
    return found


def _fault(name: str | None) -> dict[str, object]:
    return {"fault": name} if name is not None else {}


def _flow(value: object) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()

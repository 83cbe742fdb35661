# SPDX-License-Identifier: GPL-2.0-only
"""What is known of a failed run when its cause is looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.diagnose.links import Handshake
from harness.diagnose.model import Frame, LinkNow, Moment, Standing
from harness.diagnose.trees import Missing
from harness.errors import ViolationLike


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it, collected; nothing is asked of a machine any more.

    :ivar error: what ended the run.
    :ivar violations: what was broken, in the order in which it was seen.
    :ivar moments: the time line: consoles, event stream and what the harness did, by time.
    :ivar consoles: names of the consoles that guests print on.
    :ivar events: names of the consoles that carry event streams.
    :ivar places: where all stand.
    :ivar waiting: links in a handshake, the one that has waited longest first.
    :ivar names: of the MEs, by domain.
    :ivar booted: the agency's prompt has come, on all machines.
    :ivar boot_console: name of the console that the agency boots on.
    :ivar me_consoles: names of the consoles of MEs, by name.
    :ivar missing: what the agency's tree lacks.
    :ivar no_ports: why the event stream and the consoles of MEs have no way out, if the agency's tree tells.
    :ivar me_missing: what the tree of an ME lacks that was injected and does not live, by name.
    :ivar me_faults: what the exception is that an ME takes again and again, in words, by name.
    :ivar no_backend: why there is no backend, by device type, and names of the MEs that have the frontend.
    :ivar located: gives frames of which only the function is known their file and line.
    :ivar me_frame: the function of an ME at an address.
    """

    error: BaseException
    violations: Sequence[ViolationLike] = ()
    moments: Sequence[Moment] = ()
    consoles: Sequence[str] = ()
    events: Sequence[str] = ()
    places: Sequence[Standing] = ()
    links: Sequence[LinkNow] = ()
    waiting: Sequence[Handshake] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    booted: bool = True
    boot_console: str = ""
    me_consoles: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[Missing] = ()
    no_ports: Missing | None = None
    me_missing: Mapping[str, Missing] = field(default_factory=dict)
    me_faults: Mapping[str, str] = field(default_factory=dict)
    no_backend: Mapping[str, tuple[Missing, tuple[str, ...]]] = field(default_factory=dict)
    located: Callable[[Sequence[Frame]], tuple[Frame, ...]] = tuple
    me_frame: Callable[[int], Frame | None] = lambda address: None

    @property
    def rule(self) -> str:
        """The first broken rule; empty if none was."""
        return self.violations[0].rule if self.violations else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A title, a sentence, and what they rest on; see `harness.diagnose.model.Diagnosis`."""

    title: str
    sentence: str
    pattern: str = ""
    first_bad: Moment | None = None

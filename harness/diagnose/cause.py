# SPDX-License-Identifier: GPL-2.0-only
"""From what is known of a failed run to the one sentence about it."""

from __future__ import annotations

from harness.check.stall import STANDSTILL
from harness.diagnose import patterns
from harness.diagnose.broken import broken
from harness.diagnose.crash import crashed
from harness.diagnose.evidence import Cause, Evidence
from harness.diagnose.hang import endless, expired, qemu_died, silent_me, stalled, unanswered
from harness.diagnose.model import Diagnosis
from harness.diagnose.patterns import grouped
from harness.errors import Expired, HarnessError, HostError, Panicked, QemuExited, UsageError

# An ME that was injected, and of which nothing comes.
_LIFELESS = frozenset({"me.prompt", "me.living", "inject.domain"})


def diagnose(given: Evidence) -> Diagnosis:
    """Title, sentence, and all that they rest on."""
    cause = _starved(given, _cause(given))
    sentence = " ".join(cause.sentence.split())
    return Diagnosis(cause.title, sentence, cause.pattern, cause.first_bad, tuple(given.places),
                     tuple(given.links))


def _cause(given: Evidence) -> Cause:
    error = given.error
    if isinstance(error, UsageError | HostError) or not isinstance(error, HarnessError):
        return _ours(error)
    if isinstance(error, Panicked | Expired | QemuExited) or given.rule.startswith("console."):
        line = error.line if isinstance(error, Panicked) else _printed(given)
        hit = patterns.first(given.moments, given.consoles, line)
        if hit is not None:
            return crashed(given, hit)
    if isinstance(error, QemuExited):
        return qemu_died(given)
    if given.me_faults:
        return endless(given)
    if given.rule in STANDSTILL:
        told = stalled(given) if given.rule == "link.stalled" else unanswered(given)
        if told is not None:
            return told
    unheard = given.rule == "expect.state" and not given.links and not given.no_backend
    if given.rule in _LIFELESS or unheard:
        told = silent_me(given)
        if told is not None:
            return told
    if given.violations:
        return broken(given)
    if isinstance(error, Expired):
        return expired(given)
    return Cause(grouped(error.what), str(error))


def _starved(given: Evidence, cause: Cause) -> Cause:
    """What a system without memory does afterwards may be anything: that it had none is told first."""
    hit = patterns.find(given.moments, given.consoles, "kernel.oom")
    if hit is None or cause.pattern == hit.known.key or isinstance(given.error, UsageError | HostError):
        return cause
    return Cause(hit.title, f"the agency ran out of memory ({patterns.plain(hit.at.text)}); after that: "
                 f"{cause.sentence}", hit.known.key, hit.at)


def _printed(given: Evidence) -> str:
    """The line that broke a rule of consoles; empty if none did."""
    return given.violations[0].observed if given.rule.startswith("console.") else ""


def _ours(error: BaseException) -> Cause:
    """A mistake in scenario, manifest or command line; the host; or a bug of the harness."""
    what = error.what if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    kind = ("scenario" if isinstance(error, UsageError) else "host" if isinstance(error, HostError)
            else "harness")
    return Cause(f"{kind}: {grouped(what)}"[:160], str(error) or type(error).__name__)

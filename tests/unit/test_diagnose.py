# SPDX-License-Identifier: GPL-2.0-only
"""From what is known of a failed run to title and sentence: each kind of failure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.check.monitor import Monitor
from harness.check.violation import Violation
from harness.diagnose import exception, model, standing, trees, waits
from harness.diagnose.cause import diagnose
from harness.diagnose.evidence import Evidence
from harness.diagnose.links import all_links, handshakes
from harness.diagnose.model import Diagnosis, Frame, LinkNow, Moment, Standing
from harness.diagnose.trees import Missing
from harness.dt.view import Tree
from harness.errors import ExpectationFailed, Expired, Panicked, QemuExited, UsageError
from harness.model.views import MeFault
from tests.unit.event_log import BE2, BOOT, connect, entries, judged

_ROOT = Path(__file__).resolve().parents[2]
_IDLE = (Standing("cpu0", "idle"), Standing("cpu1", "idle"))
_LOCKED = Standing("task injector (77)", "waiting", "a mutex",
                   (Frame("kernel", "__schedule", 4), Frame("kernel", "mutex_lock", 4),
                    Frame("soo", "lock_twice", 8, "images/agency/modules/core/fault.c", 48)))


def _said(*lines: str, source: str = "agency") -> list[Moment]:
    return [Moment(number / 10, line, source) for number, line in enumerate(lines)]


def _stuck_handshake(until: str) -> Evidence:
    """An ME's link up to the first line that has `until`."""
    lines = [*BOOT, *entries(), *connect()]
    cut = next(number for number, line in enumerate(lines) if until in line) + 1
    monitor = Monitor({"vdummy"})
    judged(lines[:cut], monitor)
    events = [Moment(number / 1000, f"{number} {number}000000 {line}", "soo.events")
              for number, line in enumerate(lines[:cut])]
    names = {2: "alpha"}
    stalled = Violation("link.stalled", "vdummy/2/0: somebody waits", "a handshake that goes on", "none")
    return Evidence(ExpectationFailed("x"), [stalled], events, places=_IDLE, names=names,
                    links=all_links(monitor, names=names, moments=events),
                    waiting=handshakes(monitor, names=names, moments=events))


def test_a_backend_that_does_not_go_on() -> None:
    found = diagnose(_stuck_handshake("watch event dom=0 path=device/2/vdummy/0/state"))
    assert found.title == "link.stalled: BE stays in InitWait"
    assert found.sentence == (
        "FE of ME 2 (alpha) waits for BE to leave InitWait; BE was told of Initialised, and its driver's "
        "reconfigured() has not been called since; no CPU and no task is at work in a module")
    (link,) = found.links
    assert (link.link, link.me, link.be, link.fe) == ("vdummy/2/0", "alpha", "InitWait", "Initialised")
    assert link.waits_for == "BE to leave InitWait"
    assert link.last[-2].text == "store write dom=2 tx=2 path=device/2/vdummy/0/state val=3"


def test_machines_with_names_are_told_alike() -> None:
    given = _stuck_handshake("watch event dom=0 path=device/2/vdummy/0/state")
    named = tuple(replace(place, who=f"machine here, {place.who}") for place in (*_IDLE, _LOCKED))
    assert diagnose(replace(given, places=named[:2])).sentence == diagnose(given).sentence
    found = diagnose(replace(given, places=named))
    assert found.title == "link.stalled: BE stays in InitWait, in lock_twice"
    assert "; machine here, task injector (77) waits in soo:lock_twice" in found.sentence
    assert standing.kind(named[2]) == standing.kind(_LOCKED) == "task injector"


def test_a_backend_that_was_not_told() -> None:
    found = diagnose(_stuck_handshake("store write dom=2 tx=2 path=device/2/vdummy/0/state val=3"))
    assert found.sentence.endswith("; vbstore has not told BE that the other side is in Initialised")


def test_a_backend_whose_task_waits() -> None:
    given = _stuck_handshake("watch event dom=0 path=device/2/vdummy/0/state")
    found = diagnose(replace(given, places=(*_IDLE, _LOCKED)))
    assert found.title == "link.stalled: BE stays in InitWait, in lock_twice"
    assert found.sentence == (
        "FE of ME 2 (alpha) waits for BE to leave InitWait; task injector (77) waits in soo:lock_twice "
        "(images/agency/modules/core/fault.c:48) for a mutex")


def test_a_frontend_whose_thread_waits() -> None:
    given = _stuck_handshake(f"watch event dom=2 path={BE2}/state")
    thread = Standing("ME alpha, thread vbus_watch", "waiting", "the agency's answer to a vbstore request",
                      (Frame("me", "exchange", 4), Frame("me", "vbs_request", 4)))
    found = diagnose(replace(given, places=(*_IDLE, thread)))
    assert found.title == "link.stalled: FE stays in Initialising, in vbs_request"
    assert found.sentence == (
        "BE waits for FE of ME 2 (alpha) to leave Initialising; ME alpha, thread vbus_watch waits in "
        "me:vbs_request for the agency's answer to a vbstore request")


def test_an_me_in_an_endless_exception() -> None:
    given = _stuck_handshake(f"watch event dom=2 path={BE2}/state")
    why = exception.of_page_tables(MeFault(0x86000006, 0x40081200, 0x40081200), 0x40081200)
    found = diagnose(replace(given, me_faults={"alpha": why}))
    assert found.pattern == "me.exception_loop"
    assert found.title == "ME in an endless exception: its page tables are damaged"
    assert found.sentence.endswith("its page tables are damaged: they do not map its own code at 0x40081200 "
                                   "(translation fault, level 2)")


def test_another_exception_is_no_damage_to_page_tables() -> None:
    assert exception.of_page_tables(MeFault(0x96000006, 0x40081200, 0x40081200), 0x40081200) == ""
    assert exception.of_page_tables(MeFault(0x86000006, 0x50000000, 0x50000000), 0x40081200) == ""
    assert exception.describe(MeFault(0x96000046, 0x10, 0)) == \
        "data access at 0x10 failed (translation fault, level 2)"


def test_who_is_in_the_vectors_for_an_interrupt_is_on_the_way_through() -> None:
    assert exception.endless(MeFault(0x86000006, 0x40085A00, 0x40085A00), 0x40085A00)
    assert not exception.endless(MeFault(0xDA000000, 0, 0x40088A50), 0x40085A80)


def test_an_me_that_never_says_a_word() -> None:
    stalled = Violation("link.stalled", "vdummy/2/0: nobody has begun a handshake", "a handshake", "absent")
    given = Evidence(ExpectationFailed("x"), [stalled], names={2: "alpha"}, me_consoles={"alpha": "me2"},
                     places=_IDLE)
    assert diagnose(given).sentence == (
        "ME alpha does not come to life: where it stands is not known; it has not said a word")
    lacking = replace(given, me_missing={"alpha": Missing("timer", "arm,armv8-timer")})
    assert diagnose(lacking).sentence == (
        "ME alpha does not come to life: its device tree has no timer, no enabled node is compatible with "
        "arm,armv8-timer: no such node is there")


def test_an_answer_that_is_missing() -> None:
    late = Violation("dc.no_answer", "domain 2: agency waits for ME of domain 2 to answer SUSPEND",
                     "an answer", "none")
    thread = Standing("ME alpha, thread dc", "waiting", "those in the device's sections to leave",
                      (Frame("me", "vbus_sections_block", 4),))
    given = Evidence(ExpectationFailed("x"), [late], names={2: "alpha"}, places=(*_IDLE, thread))
    traffic = Standing("ME alpha, cpu in thread init", "running", "", (Frame("me", "memcpy", 4),))
    given = replace(given, places=(traffic, *given.places))
    found = diagnose(given)
    assert found.title == "dc.no_answer: SUSPEND, in vbus_sections_block"
    assert found.sentence == (
        "the agency waits for ME 2 (alpha) to answer SUSPEND; ME alpha, thread dc waits in "
        "me:vbus_sections_block for those in the device's sections to leave")


def test_an_oops() -> None:
    lines = (Path(__file__).parent / "logs" / "oops.log").read_text().splitlines()
    panicked = Panicked("oops", pattern="oops", line=lines[0])
    given = Evidence(panicked, moments=_said(*lines), consoles=["agency"])
    found = diagnose(given)
    assert found.title == "kernel oops: NULL pointer dereference in soo:soo_fault_on_injection"
    assert found.sentence == (
        "kernel oops in soo:soo_fault_on_injection, called from soo:soo_domain_create (task injector, cpu1): "
        "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000")
    assert found.first_bad == _said(*lines)[0]


def test_a_hang_names_all_who_wait() -> None:
    other = Standing("task kworker/u4:1 (30)", "waiting", "a mutex",
                     (Frame("kernel", "mutex_lock"), Frame("soo", "set_up")))
    given = Evidence(Expired("x", waiting_for="the prompt"), moments=_said("[ 1.0] soo: setting up"),
                     places=(*_IDLE, _LOCKED, other), booted=False, boot_console="agency")
    found = diagnose(given)
    assert found.title == "boot hang: task injector in soo:lock_twice"
    assert found.sentence == (
        "the agency does not get to its prompt; task injector (77) waits in soo:lock_twice "
        "(images/agency/modules/core/fault.c:48) for a mutex; task kworker/u4:1 (30) waits in soo:set_up for "
        "a mutex; the last it said is '[ 1.0] soo: setting up'")
    assert diagnose(replace(given, moments=(), places=_IDLE)).title == "boot silent"


def test_a_node_that_is_missing_at_boot() -> None:
    given = Evidence(QemuExited("QEMU ended with status 0", status=0), booted=False, boot_console="agency",
                     missing=[Missing("timer", "arm,armv8-timer", "/timer")])
    found = diagnose(given)
    assert (found.title, found.pattern) == ("missing DT node: timer", "dt.missing")
    assert found.sentence == (
        "the agency's boot ends before its first word: its device tree has no timer, no enabled node is "
        "compatible with arm,armv8-timer: /timer is disabled")


def test_what_a_tree_lacks() -> None:
    nodes = {"/": {}, "/timer": {"compatible": b"arm,armv8-timer\0", "status": b"disabled\0"},
             "/intc": {"compatible": b"arm,gic-v3\0"},
             "/uart": {"compatible": b"arm,pl011\0arm,primecell\0", "status": b"okay\0"}}
    found = {missing.what: missing.disabled for missing in trees.missing(Tree(nodes), trees.AGENCY)}
    assert found == {"timer": "/timer"}
    assert [missing.what for missing in trees.missing(Tree(nodes), trees.PORTS)] == [
        "PCI host, which has all ports"]


def test_no_backend() -> None:
    absent = Violation("expect.state", "vdummy/2/0", "BE Connected(4)", "BE never written")
    given = Evidence(ExpectationFailed("x"), [absent], names={2: "alpha"},
                     links=[LinkNow("vdummy/2/0", "alpha", "absent", "Initialised")],
                     no_backend={"vdummy": (Missing("vdummy backend", "vdummy,backend",
                                                    "/agency/backends/vdummy"), ("alpha",))})
    found = diagnose(given)
    assert (found.title, found.pattern) == ("no BE: vdummy", "link.no_be")
    assert found.sentence == (
        "FE of ME alpha waits for a BE that is not there: the agency's device tree has no vdummy backend, no "
        "enabled node is compatible with vdummy,backend: /agency/backends/vdummy is disabled")


@pytest.mark.parametrize(("broken", "title", "sentence"), [
    (Violation("ring.payload", "alpha/vdummy", "0 of 1000 with other bytes", "100 of 1000"),
     "ring.payload: BE", "BE broke ring.payload (a response has the bytes of its request)"),
    (Violation("ring.no_overrun", "backend/vdummy/2/0", "no index that a driver has to refuse",
               "refused: impossible response index: error -71",
               "83 1 store write dom=2 tx=4 path=device/2/vdummy/0/error val=impossible%20response%20index"),
     "ring.no_overrun: BE of vdummy",
     "BE broke ring.no_overrun (no index runs past what the ring holds, or back) on vdummy of ME 2 (alpha)"),
    (Violation("state.rewritten", "vdummy/2/0", "one write", "a second one",
               "70 12 store write dom=0 tx=9 path=backend/vdummy/2/0/state val=4"),
     "state.rewritten: BE of vdummy",
     "BE broke state.rewritten (a state is written once per change) on vdummy of ME 2 (alpha)"),
    (Violation("state.rewritten", "vdummy/2/0", "one write", "a second one",
               "70 12 store write dom=2 tx=9 path=device/2/vdummy/0/state val=4"),
     "state.rewritten: FE of vdummy",
     "FE broke state.rewritten (a state is written once per change) on vdummy of ME 2 (alpha)"),
    (Violation("grant.leaked", "domain 2 ref 1", "nothing left", "mapped"),
     "grant.leaked: the agency",
     "the agency broke grant.leaked (a domain that is gone has no grants) about ME 2 (alpha)"),
    (Violation("expect.store", "backend/vdummy/2/0/state", "'3'", "'4'"),
     "expect.store: backend/vdummy/N/N/state", "expect.store of backend/vdummy/2/0/state is not met"),
], ids=["payload", "response refused", "rewritten by BE", "rewritten by FE", "leaked", "expectation"])
def test_a_broken_rule(broken: Violation, title: str, sentence: str) -> None:
    found = diagnose(Evidence(ExpectationFailed("x"), [broken], names={2: "alpha"}))
    assert found.title == title
    assert found.sentence.startswith(sentence)
    assert found.sentence.endswith(f": expected {broken.expected}, observed {broken.observed}")


def test_a_mistake_of_the_user_is_none_of_the_system() -> None:
    found = diagnose(Evidence(UsageError("no console 'gamma'", where="x.yaml:7")))
    assert (found.title, found.sentence) == ("scenario: no console 'gamma'", "x.yaml:7: no console 'gamma'")


def test_every_rule_has_a_title(tmp_path: Path) -> None:
    from harness.check.rules import RULES
    for rule in RULES:
        found = diagnose(Evidence(ExpectationFailed("x"), [Violation(rule, "vdummy/2/0", "this", "that")]))
        assert rule in found.title or rule.partition(".")[2].replace("_", " ") in found.title, rule
        assert found.sentence, rule


def test_functions_of_ours_that_wait_exist() -> None:
    """The table of what our guests' functions wait for names no function that was renamed."""
    folders = {"soo": "images/agency/modules", "vuart": "images/agency/modules/vuartback", "me": "images/me"}
    for owner, functions in waits.OURS.items():
        text = "".join(path.read_text() for path in sorted((_ROOT / folders[owner]).rglob("*.c")))
        assert [name for name in functions if f"{name}(" not in text] == []


def test_written_and_read_again(tmp_path: Path) -> None:
    found = Diagnosis("a title", "a sentence", "kernel.oops", Moment(1.5, "a line", "agency"),
                      (Standing("cpu0", "running", "a mutex", (Frame("soo", "emit", 4, "a.c", 7),)),),
                      (LinkNow("vdummy/2/0", "alpha", "InitWait", "Initialised", "BE to leave InitWait",
                               (Moment(1.2, "an event"),)),))
    assert model.read(tmp_path) is None
    model.write(found, tmp_path)
    assert model.read(tmp_path) == found
    values = json.loads((tmp_path / model.FILE).read_text())
    assert set(values) == {"title", "sentence", "pattern", "first_bad", "places", "links"}
    (tmp_path / model.FILE).write_text("{}")
    with pytest.raises(UsageError, match="is no diagnosis of a run"):
        model.read(tmp_path)


def _log(name: str, source: str) -> list[Moment]:
    return _said(*(Path(__file__).parent / "logs" / f"{name}.log").read_text().splitlines(), source=source)


def test_an_exception_of_an_me() -> None:
    ended = Panicked("bug", pattern="bug", line="BUG in arch/arm64/trap.c at line: 24")
    at = {0x400865C8: Frame("me", "gic_init", 0x10)}
    given = Evidence(ended, moments=_log("me_exception", "me2"), consoles=["agency", "me2"],
                     names={2: "alpha"}, me_frame=at.get)
    found = diagnose(given)
    assert found.title == "exception in the ME in me:gic_init"
    assert found.sentence == (
        "ME 2 (alpha) has stopped: exception in me:gic_init, thread idle, about address 0xb800000")


def test_what_comes_after_memory_ran_out() -> None:
    broken = Violation("expect.store", "backend/vdummy/2/0/state", "'3'", "'4'")
    found = diagnose(Evidence(ExpectationFailed("x"), [broken], _log("oom", "agency"), ["agency"]))
    assert (found.title, found.pattern) == ("out of memory", "kernel.oom")
    told, after = found.sentence.split("; after that: ")
    assert told.startswith("the agency ran out of memory (Out of memory: Killed process 116 (tail) ")
    assert after.startswith("expect.store of backend/vdummy/2/0/state is not met on vdummy of ME 2")


def test_a_hung_task_of_which_only_the_kernel_tells() -> None:
    lines = _log("hung_task", "agency")
    found = diagnose(Evidence(Panicked("x", pattern="hung_task", line=lines[0].text), moments=lines,
                              consoles=["agency"]))
    assert found.title == "hung task: injector"
    assert found.sentence.startswith("hung task: injector in soo:lock_twice: INFO: task injector:118 blocked")


def test_a_reset_that_nobody_asked_for() -> None:
    given = Evidence(QemuExited("QEMU ended with status 0", status=0), boot_console="agency",
                     moments=_said("[ 1.0] reboot: Restarting"))
    found = diagnose(given)
    assert (found.title, found.pattern) == ("the machine reset or powered off", "qemu.reset")
    killed = diagnose(replace(given, error=QemuExited("QEMU was ended by signal SIGSEGV", status=-11)))
    assert (killed.title, killed.pattern) == ("QEMU died: QEMU was ended by signal SIGSEGV", "qemu.died")

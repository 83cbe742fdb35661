# SPDX-License-Identifier: GPL-2.0-only
"""The same runs in the terminal, in Markdown and as JUnit."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.errors import UsageError
from harness.report.gather import gather
from harness.report.junit import improve
from harness.report.markdown import plain, summary
from harness.report.stored import read_run
from harness.report.terminal import show
from tests.unit.report_folder import events, make, passed, result

EVIL = "\x1b]0;x\x07<script>| @you `a` [x](http://y)\nnext"
FAILURE = '<failure message="m">the block</failure>'


def test_the_first_screen_names_the_cause(tmp_path: Path) -> None:
    diagnosis = {"title": "link.stalled: BE stays in InitWait", "sentence": "FE of ME 2 waits for BE",
                 "first_bad": {"t": 1.2, "source": "agency", "text": "probe blocks"}}
    folder = make(tmp_path, 1, result(), [*events(), (7.0, "verdict", "stalled")], diagnosis)
    screen = list(show(read_run(folder), 80))[:24]
    assert screen[0] == "FAIL  links/stuck  7.6 s"
    assert screen[2] == "FE of ME 2 waits for BE"
    assert screen[3] == "[link.stalled: BE stays in InitWait]"
    assert "First bad event, at 1.200 s, agency:" in screen
    assert "    probe blocks" in screen
    assert "reproduce  python3 -m harness run scenarios/links/stuck.yaml --seed 95" in screen
    at = screen.index("place      cpu1: kernel:f+0x1c <- soo:g+0x2")
    assert screen[at + 1] == "           and 1 idle"


@pytest.mark.parametrize(("verdict", "rules", "told"), [
    ("FAIL", ["ring.payload"], ["idle       cpu0; cpu1"]),
    ("FAIL", ["link.stalled"], ["place      cpu0: idle", "place      cpu1: idle"]),
    ("CRASH", [], ["place      cpu0: idle", "place      cpu1: idle"]),
])
def test_who_rests_is_told_in_short_unless_it_hangs(verdict: str, rules: list[str], told: list[str],
                                                    tmp_path: Path) -> None:
    seen = dict.fromkeys(("place", "expected", "observed", "event"), "x")
    broken = [{**seen, "rule": rule} for rule in rules]
    places = [{"who": f"cpu{number}", "state": "idle", "frames": []} for number in (0, 1)]
    folder = make(tmp_path, 1, result(verdict=verdict, violations=broken), diagnosis={"places": places})
    assert [line for line in show(read_run(folder), 80) if line.startswith(("idle", "place"))] == told


def test_what_led_to_it_comes_next(tmp_path: Path) -> None:
    folder = make(tmp_path, 1, result(), [*events(), (7.0, "verdict", "stalled")])
    text = "\n".join(show(read_run(folder), 100))
    assert "handshake of vdummy/2/0:" in text
    assert "      1.080  BE InitWait(2)\n" in text
    assert "  !! link.stalled: FE of domain 2 waits for BE to leave InitWait" in text
    assert ">    1.089  soo.events 66 1088724832 store write" in text


@pytest.mark.parametrize(("t", "marked"), [(1.087, ["62"]), (9.0, [])])
def test_no_line_is_marked_if_the_time_line_ends_before(t: float, marked: list[str], tmp_path: Path) -> None:
    diagnosis = {"first_bad": {"t": t, "source": "agency", "text": "probe blocks"}}
    lines = list(show(read_run(make(tmp_path, 1, result(), events(), diagnosis)), 80))
    assert [line.split()[3] for line in lines if line.startswith(">")] == marked
    assert ("last lines of the time line:" in lines) is (not marked)


def test_a_terminal_gets_no_control_codes(tmp_path: Path) -> None:
    violation = dict.fromkeys(("rule", "place", "expected", "observed", "event"), EVIL)
    told = result(name=EVIL, reason=EVIL, note=EVIL, where=EVIL, reproduce=EVIL, places=[EVIL],
                  traceback=EVIL, violations=[violation])
    folder = make(tmp_path, 1, told, [(0.1, EVIL, EVIL)])
    lines = list(show(read_run(folder), 80))
    assert all(line.isprintable() for line in lines)


def test_a_passed_run_is_short(tmp_path: Path) -> None:
    lines = list(show(read_run(make(tmp_path, 1, passed("links/fine"), events())), 80))
    assert lines[0] == "PASS  links/fine  7.6 s"
    assert len(lines) < 6


def test_markdown(tmp_path: Path) -> None:
    for number in range(7):
        make(tmp_path, number, result(name=f"links/{number}"))
    make(tmp_path, 8, passed("links/fine"))
    make(tmp_path, 9, result(name="links/kvm", verdict="SKIP", reason="lacks kvm", violations=[]))
    text = summary(gather([tmp_path]))
    assert text.splitlines()[:5] == ["## 7 of 9 scenarios failed", "", "| FAIL | SKIP | PASS | time |",
                                     "| ---: | ---: | ---: | ---: |", "| 7 | 1 | 1 | 68 s |"]
    assert "### FAIL: link.stalled: a handshake that has begun makes progress (7 times)" in text
    assert "  ```sh\n  python3 -m harness run scenarios/links/stuck.yaml --seed 95\n  ```" in text
    assert "- and 2 more: links/5, links/6" in text
    assert "- links/kvm: lacks kvm" in text


def test_markdown_takes_guests_for_text() -> None:
    text = plain(EVIL)
    assert text == "␛\\]0;x␇\\<script\\>\\| @\u2060you \\`a\\` \\[x\\](http\\://y)␊next"


def test_no_failure_is_a_headline_too(tmp_path: Path) -> None:
    make(tmp_path, 1, passed("x"))
    assert summary(gather([tmp_path])).startswith("## 1 scenario, none failed\n")


def junit(tmp_path: Path, properties: dict[str, str], content: str) -> ElementTree.Element:
    told = "".join(f'<property name="{name}" value="{value}"/>' for name, value in properties.items())
    file = tmp_path / "junit.xml"
    file.write_text('<testsuites><testsuite name="pytest" tests="1" failures="1">'
                    f'<testcase classname="a.yaml" name="a">'
                    f"<properties>{told}</properties>{content}</testcase></testsuite></testsuites>")
    improve(file)
    case = ElementTree.parse(file).find(".//testcase")
    assert case is not None
    return case


def test_junit_has_the_sentence_where_pages_look(tmp_path: Path) -> None:
    diagnosis = {"title": "link.stalled: BE stays", "sentence": "FE waits for BE"}
    folder = make(tmp_path, 1, result(), (), diagnosis)
    case = junit(tmp_path, {"scenario": "links/stuck", "verdict": "FAIL", "folder": str(folder), "seed": "95",
                            "where": "scenarios/links/stuck.yaml:8", "file": "scenarios/links/stuck.yaml",
                            "reproduce": "python3 -m harness run x"}, FAILURE)
    assert case.attrib == {"classname": "links", "name": "stuck", "file": "scenarios/links/stuck.yaml",
                           "line": "8"}
    failure = case.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "FAIL: FE waits for BE", "type": "link.stalled: BE stays"}
    assert failure.text == "the block"
    assert case.findtext("system-out") == f"reproduce: python3 -m harness run x\nfolder: {folder}\nseed: 95"


def test_junit_tells_errors_from_failures(tmp_path: Path) -> None:
    case = junit(tmp_path, {"scenario": "a", "verdict": "ERROR", "reason": "my/a.yaml:4: unknown step",
                            "where": "", "file": "my/a.yaml"}, FAILURE)
    assert case.find("failure") is None
    error = case.find("error")
    assert error is not None
    assert error.get("message") == "ERROR: my/a.yaml:4: unknown step"
    assert (case.get("classname"), case.get("file"), case.get("line")) == ("scenarios", "my/a.yaml", "4")
    suite = ElementTree.parse(tmp_path / "junit.xml").find(".//testsuite")
    assert suite is not None
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")


def test_junit_leaves_other_tests_alone(tmp_path: Path) -> None:
    case = junit(tmp_path, {"x": "y"}, '<failure message="m">text</failure>')
    assert case.attrib == {"classname": "a.yaml", "name": "a"}
    (tmp_path / "bad.xml").write_text("<nothing")
    with pytest.raises(UsageError, match="bad.xml: no JUnit report"):
        improve(tmp_path / "bad.xml")

# SPDX-License-Identifier: GPL-2.0-only
"""The HTML report: the cause first, nothing from a guest is markup, and its size is bounded."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.report.gather import gather
from harness.report.page import MOST_DETAILED, page, write
from tests.unit.report_folder import TRAFFIC, events, make, passed, result

DIAGNOSIS: dict[str, object] = {
    "title": "link.stalled: BE stays in InitWait",
    "sentence": "FE of ME 2 (alpha) waits for BE to leave InitWait; BE's probe is blocked in vbus_map_ring",
    "pattern": "", "first_bad": {"t": 1.08, "source": "agency", "text": "probe of vdummy blocks"},
    "places": [{"who": "cpu0", "state": "waiting", "waits_for": "the ring lock", "frames": [
        {"image": "kernel", "function": "do_idle", "offset": 660, "file": "idle.c", "line": 12}]}],
    "links": [{"link": "vdummy/2/0", "me": "alpha", "be": "InitWait", "fe": "Initialised",
               "waits_for": "BE to leave InitWait", "last": []}],
}


class Outline(HTMLParser):
    """Tags with their attributes, and whether each is closed."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts = 0
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        assert self.tags == [], f"not closed: {self.tags}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.scripts += tag == "script"
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        assert not [name for name in found if name.startswith("on") or name == "src"]
        if tag not in self.VOID:
            self.tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.tags.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag


def report(root: Path) -> str:
    return page(gather([root]), root)


def text_of(html: str) -> str:
    """What is to be read, without tags."""
    body = html[html.index("<body>"):html.rindex("<script>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#39;", "'").replace("&gt;", ">")


def test_the_cause_comes_before_everything_else(tmp_path: Path) -> None:
    make(tmp_path, 1, passed("links/fine"))
    make(tmp_path, 2, result(), [*events(), (7.1, "verdict", "stalled")], DIAGNOSIS)
    html = report(tmp_path)
    seen = text_of(html)
    order = ["1 of 2 scenarios failed", "1 FAIL", "1 PASS", "links/stuck", "FE of ME 2 (alpha) waits for BE",
             "link.stalled: BE stays in InitWait", "First bad event", "probe of vdummy blocks",
             "scenarios/links/stuck.yaml:8", "harness run scenarios/links/stuck.yaml --seed 95",
             "Where everything stands", "the ring lock", "kernel:do_idle+0x294 (idle.c:12)", "Broken rule",
             "Handshakes", "Time line", "The run", "All runs", "links/fine"]
    places = [seen.index(words) for words in order]
    assert places == sorted(places)
    assert Outline(html).scripts == 1


def test_a_folder_without_diagnosis_has_its_reason(tmp_path: Path) -> None:
    make(tmp_path, 1, result(), events())
    seen = text_of(report(tmp_path))
    assert "vdummy/2/0: FE waits: link.stalled" in seen
    assert "link.stalled: a handshake that has begun makes progress" in seen
    assert "Last event, then nothing" in seen


def test_what_a_guest_says_is_never_markup(tmp_path: Path) -> None:
    evil = ('</pre></script><script>alert(1)</script><img src=x onerror=alert(2)> "\' '
            "\x1b[2J \x00 \u202e {{ 7*7 }}")
    lines = [(0.5, evil, evil), (0.6, "agency", evil), *events(
        "97 1 domain create dom=2 pid=1 name=%3Ci%3E\n"
        "98 1 error report dev=backend/vdummy/2/0 code=1 text=%3Ci%3E\n"
        "99 1 store write dom=2 tx=0 path=device/2/vdummy/0/state val=%3Cscript%3E\n")]
    violation = dict.fromkeys(("rule", "place", "expected", "observed", "event"), evil)
    link = dict.fromkeys(("link", "me", "be", "fe", "waits_for"), evil)
    frame = {"image": evil, "function": evil, "offset": 1, "file": evil, "line": 3}
    place = {"who": evil, "state": evil, "waits_for": evil, "frames": [frame]}
    told = result(name=evil, reason=evil, note=evil, where=evil, reproduce=evil, violations=[violation],
                  places=[evil], facts={evil: evil}, traceback=evil)
    make(tmp_path, 1, told, lines, {"title": evil, "sentence": evil, "places": [place], "links": [link],
                                    "first_bad": {"t": 0.6, "source": "agency", "text": evil}})
    (tmp_path / "20261121-212801-run-00000001" / "<b>.expected.tree").write_text("/ \n/<script> 00\n")
    (tmp_path / "20261121-212801-run-00000001" / "<b>.observed.tree").write_text("/ \n/<style> 01\n")
    html = report(tmp_path)
    outline = Outline(html)
    assert outline.scripts == 1
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<i>" not in html.replace("<i>0", "").replace("<i>1", "")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", html)
    assert "␛[2J ␀ \\u202e {{ 7*7 }}" in html


def test_nothing_is_loaded_and_all_links_lead_somewhere(tmp_path: Path) -> None:
    make(tmp_path, 1, result(), events())
    make(tmp_path, 2, passed("x"))
    html = report(tmp_path)
    outline = Outline(html)
    assert "default-src &#39;none&#39;" in html
    assert not re.search(r"https?:|//www|@import|url\(", html)
    assert len(outline.ids) == len(set(outline.ids))
    inside = [link[1:] for link in outline.links if link.startswith("#")]
    assert set(inside) <= set(outline.ids)
    assert [link for link in outline.links if not link.startswith("#")] == ["20261121-212801-run-00000001/"]


def test_equal_failures_are_one_kind(tmp_path: Path) -> None:
    for number in range(6):
        make(tmp_path, number, result(name=f"links/{number}"), events())
    make(tmp_path, 7, result(verdict="CRASH", violations=[], reason="agency: panic at 0xffff12"), events())
    seen = text_of(report(tmp_path))
    assert "2 kinds of failure" in seen
    assert "×6" in seen
    assert seen.index("agency: panic at N") < seen.index("link.stalled")
    assert seen.count("Time line") == 1 + 3
    assert seen.count("A failure of the same kind as") == 3


def test_a_session_where_all_fails_differently_stays_small(tmp_path: Path) -> None:
    noise = [(at / 100, "agency", f"[{at:12}] " + "x" * 400) for at in range(1500)]
    for number in range(60):
        reason = "kind " + "abcdefgh"[number % 8] * number
        make(tmp_path, number, result(name=f"n/{number}", violations=[], reason=reason), noise)
    html = report(tmp_path)
    assert len(html.encode()) < 4_000_000
    assert text_of(html).count("Time line") == MOST_DETAILED
    assert "lines far from the first bad event are left out here" in html


def test_rings_and_trees(tmp_path: Path) -> None:
    folder = make(tmp_path, 1, result(), events(TRAFFIC))
    (folder / "agency.expected.tree").write_text("/\n/soo/\n/soo/status 6f6b617900\n")
    (folder / "agency.observed.tree").write_text("/\n/soo/\n/soo/status 6f6b00\n")
    (folder / "alpha.expected.tree").write_text("/\n/a/\n")
    (folder / "alpha.observed.tree").write_text("/\n/a/\n")
    (folder / "beta.expected.tree").write_text("/\n")
    seen = text_of(report(tmp_path))
    assert "vdummy/2/0, 32 entries" in seen
    assert '/soo status "okay" "ok"' in seen.replace("&#34;", '"')
    assert "alpha: runs with the tree that was built for it, 2 nodes" in seen
    assert "beta: cannot be compared" in seen


def test_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    make(tmp_path, 1, passed("x"))
    runs = gather([tmp_path])
    size = write(runs, tmp_path / "new" / "report.html")
    assert size == (tmp_path / "new" / "report.html").stat().st_size
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="file/report.html: cannot write the report: "):
        write(runs, tmp_path / "file" / "report.html")

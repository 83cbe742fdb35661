# SPDX-License-Identifier: GPL-2.0-only
"""The report in a real browser: wide and on a phone, light and dark, by keyboard, and without script.

What was seen is left in build/report/*.png, to be looked at.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.browser import Browser, Page
from harness.bench.opening import session
from harness.report.gather import gather
from harness.report.page import write
from harness.scenario.schema import REPOSITORY
from tests.component.console_rig import soon
from tests.unit.report_folder import TRAFFIC, Line, events, make, passed, result

PICTURES = REPOSITORY / "build" / "report"
CAUSE = "FE of ME 2 (alpha) waits for BE to leave InitWait; BE's probe is blocked in vbus_map_ring"
DIAGNOSIS: dict[str, object] = {
    "title": "link.stalled: BE stays in InitWait", "sentence": CAUSE,
    "first_bad": {"t": 1.09, "source": "agency", "text": "vdummy: probe of 2/0 waits for the ring lock"},
    "places": [{"who": "cpu0", "state": "idle", "frames": []},
               {"who": "kworker/0:1", "state": "waiting", "waits_for": "mutex", "frames": [
                   {"image": "soo", "function": "vbus_map_ring", "offset": 92, "file": "ring.c", "line": 7},
                   {"image": "vdummy", "function": "vdummy_connect", "offset": 0x30}]}],
    "links": [{"link": "vdummy/2/0", "me": "alpha", "be": "InitWait", "fe": "Initialised",
               "waits_for": "BE to leave InitWait"}]}
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
VIEW = "document.querySelector('.lane svg').getAttribute('viewBox').split(' ').map(Number)"
LONG = "a_word_without_any_blank_" * 12
# Text whose colour is too close to what is behind it: as WCAG computes contrast, against 4.5.
PALE = """(() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92
    : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const found = parts(getComputedStyle(node).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const all = [...document.querySelectorAll("body *")];
  return all.filter((node) => node.checkVisibility() && !node.closest("svg")
    && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())).filter((node) => {
      const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    }).map((node) => node.className + ": " + node.textContent.slice(0, 40));
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as made:
        yield made


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stalled run with traffic, trees and words too long for a line; another failure; some that passed."""
    root = tmp_path_factory.mktemp("runs")
    console: list[Line] = [(at / 100, "agency", f"[{at:9}] line {at} of the kernel") for at in range(160)]
    lines = [*events(), *events(TRAFFIC), *console, (0.01, "step", "inject alpha (stuck.yaml:8)"),
             (1.09, "agency", "vdummy: probe of 2/0 waits for the ring lock"), (1.2, LONG, LONG),
             (1.5, "qmp", '> {"execute": "stop"}'), (1.7, "verdict", "stalled")]
    one = make(root, 1, result(facts={"images": "ref-virt64", "command line": LONG}), lines, DIAGNOSIS)
    (one / "agency.expected.tree").write_text(f"/\n/{LONG}/status 6f6b617900\n")
    (one / "agency.observed.tree").write_text(f"/\n/{LONG}/status 6f6b00\n")
    make(root, 2, result(name=LONG, verdict="CRASH", violations=[], reason=f"agency: panic {LONG}"), lines)
    for number in range(3, 30):
        make(root, number, passed(f"links/fine-{number}"))
    write(gather([root]), root / "report.html")
    return root / "report.html"


@pytest.fixture(scope="module")
def single(report: Path) -> Path:
    """The report of the stalled run alone."""
    out = report.with_name("single.html")
    write(gather([report.parent / "20261121-212801-run-00000001"]), out)
    return out


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.value("document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_seen_on_every_width_in_both_schemes(browser: Browser, report: Path, width: int, dark: bool) -> None:
    with browser.page(width, 740, dark=dark) as page:
        page.open(report)
        page.screenshot(PICTURES / f"first-{width}-{'dark' if dark else 'light'}.png")
        page.value("[...document.querySelectorAll('details')].forEach((one) => one.open = true)")
        page.value(PAINTED)
        assert overflow(page) <= 0
        assert page.value(PALE) == []
        assert page.errors == []
        assert page.loaded == [report.as_uri()]


@pytest.mark.parametrize("part", ["stands", "Handshakes", "Time line", "Rings", "Device trees"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pictures_of_the_parts(browser: Browser, single: Path, width: int, part: str) -> None:
    with browser.page(width, 900) as page:
        page.open(single)
        page.value("[...document.querySelectorAll('h3')].find((one) => "
                   f"one.textContent.includes('{part}')).scrollIntoView()")
        page.screenshot(PICTURES / f"{part.lower().replace(' ', '-')}-{width}.png")
        assert page.errors == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_screen_names_the_cause(browser: Browser, report: Path, single: Path, width: int) -> None:
    for file in (report, single):
        with browser.page(width, 740) as page:
            page.open(file)
            told = f"[...document.querySelectorAll('p')].filter((one) => one.textContent.includes({CAUSE!r}))"
            seen = page.value(f"{told}.some((one) => one.getBoundingClientRect().bottom <= innerHeight)")
            assert seen, f"{file.name} at {width}"


def test_by_keyboard(browser: Browser, report: Path) -> None:
    with browser.page() as page:
        page.open(report)
        page.press("n")
        assert page.value("document.activeElement.id") == "f0-0"
        page.press("n")
        assert page.value("document.activeElement.id") == "f1-0"
        page.press("p")
        assert page.value("document.activeElement.id") == "f0-0"
        assert page.errors == []


def test_a_time_line_by_keyboard(browser: Browser, single: Path) -> None:
    with browser.page() as page:
        page.open(single)
        reached: list[str] = []
        for _ in range(12):
            page.press("Tab")
            reached.append(page.value("document.activeElement.className || document.activeElement.tagName"))
            if reached[-1] == "lanes":
                break
        assert reached[-1] == "lanes", reached
        assert "copy script" in reached
        whole = page.value(VIEW)
        page.press("+")
        assert page.value(VIEW)[2] == pytest.approx(whole[2] / 2, abs=2)
        page.press("b")
        since, _, span, _ = page.value(VIEW)
        assert since < 1090 < since + span < since + 300
        page.press("0")
        assert page.value(VIEW) == whole
        assert page.errors == []


def test_a_drag_across_the_lanes_zooms(browser: Browser, single: Path) -> None:
    with browser.page() as page:
        page.open(single)
        page.value("document.querySelector('.lanes').scrollIntoView()")
        page.value("box = document.querySelector('.lane svg').getBoundingClientRect()")
        left, width, top = page.value("[box.left, box.width, box.top + 5]")
        whole = page.value(VIEW)
        for kind, part in (("mousePressed", 0.25), ("mouseMoved", 0.5), ("mouseReleased", 0.75)):
            page.call("Input.dispatchMouseEvent", type=kind, x=left + part * width, y=top, button="left",
                      clickCount=1)
        since, _, span, _ = page.value(VIEW)
        assert since == pytest.approx(whole[0] + whole[2] / 4, abs=whole[2] / 100)
        assert span == pytest.approx(whole[2] / 2, abs=whole[2] / 50)


def test_copy_filter_and_sort(browser: Browser, report: Path) -> None:
    with browser.page() as page:
        page.open(report)
        rows = "[...document.querySelectorAll('#runs tbody tr')].filter((row) => !row.hidden)"
        assert page.value(f"{rows}.length") == 29
        page.value("document.querySelector('[data-filter-rows]').focus()")
        for key in "fine-2":
            page.press(key)
        assert page.value(f"{rows}.length") == 10
        page.value("document.querySelector('th[data-sort=verdict] button').click()")
        page.value("document.querySelector('th[data-sort=verdict] button').click()")
        assert page.value("document.querySelector('#runs tbody tr .chip').textContent") == "CRASH"
        copy = "document.querySelector('article .copy')"
        page.value(f"{copy}.focus()")
        page.press("Enter")
        page.value(f"new Promise((done) => {copy}.textContent === 'Copy' ? new MutationObserver(done)"
                   f".observe({copy}, {{childList: true}}) : done())")
        assert page.value(f"{copy}.textContent") in ("Copied", "Selected")
        assert page.errors == []


def test_lines_by_source_words_and_window(browser: Browser, single: Path) -> None:
    with browser.page() as page:
        page.open(single)
        shown = "[...document.querySelectorAll('.rows .row')].map((row) => row.textContent)"
        assert len(page.value(shown)) == 177
        bad = page.value("document.querySelector('.row.isbad').textContent")
        assert bad.endswith("waits for the ring lock")
        page.value("document.querySelector('[data-source=agency]').click()")
        assert len(page.value(shown)) == 16
        page.value("document.querySelector('[data-words]').focus()")
        for key in "val=3":
            page.press(key)
        assert [line[-5:] for line in page.value(shown)] == ["val=3"]
        assert "1 of 177 lines" in page.value("document.querySelector('[data-shown]').textContent")


def test_readable_without_script(browser: Browser, single: Path) -> None:
    with browser.page(script=False) as page:
        page.open(single)
        page.screenshot(PICTURES / "no-script.png")
        page.call("Emulation.setScriptExecutionDisabled", value=False)
        text = page.value("document.body.innerText")
        for words in (CAUSE, "probe of 2/0 waits for the ring lock", "line 159 of the kernel", "vdummy/2/0"):
            assert words in text
        assert "Copy" not in text
        assert "Zoom in" not in text


def test_a_guest_cannot_run_script_here(browser: Browser, tmp_path: Path) -> None:
    evil = "</pre><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    lines = [(0.1, evil, evil), (0.2, "agency", evil)]
    make(tmp_path, 1, result(name=evil, reason=evil, violations=[]), lines)
    write(gather([tmp_path]), tmp_path / "report.html")
    with browser.page() as page:
        page.open(tmp_path / "report.html")
        assert page.value("document.title") == "1 of 1 failed - SOO harness"
        assert "</pre><script>document.title" in page.value("document.querySelector('.rows').textContent")
        assert page.errors == []
        assert len(page.loaded) == 1


def test_a_session_of_200_stays_below_5_megabytes(browser: Browser, tmp_path: Path) -> None:
    size = write(gather([session(tmp_path / "runs")]), tmp_path / "report.html")
    assert 1_000_000 < size < 5_000_000
    with browser.page() as page:
        page.open(tmp_path / "report.html")
        page.screenshot(PICTURES / "large.png")
        assert page.value("document.querySelectorAll('#runs tbody tr').length") == 200
        assert page.errors == []


@pytest.mark.parametrize(("damage", "what"), [
    ("<script>throw new Error('boom')</script>", "boom"),
    ("<img src='http://127.0.0.1:1/x.png'>", "Failed to load resource"),
])
def test_errors_are_noticed(browser: Browser, tmp_path: Path, damage: str, what: str) -> None:
    (tmp_path / "x.html").write_text(f"<!doctype html><p>{damage}")
    with browser.page() as page:
        page.open(tmp_path / "x.html")
        while not page.errors:
            browser.receive(soon("an error"))
        assert what in " ".join(page.errors)


def test_overflow_and_pale_text_are_noticed(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(
        "<!doctype html><meta name=viewport content='width=device-width'>"
        "<p style='width:500px;color:#aaa;background:#fff' class=pale>words")
    with browser.page(360) as page:
        page.open(tmp_path / "x.html")
        assert overflow(page) > 100
        assert page.value(PALE) == ["pale: words"]


def test_the_policy_stops_a_script_that_got_in(browser: Browser, report: Path, tmp_path: Path) -> None:
    text = report.read_text().replace("<footer>", "<script>document.title = 'owned'</script><footer>")
    (tmp_path / "report.html").write_text(text)
    with browser.page() as page:
        page.open(tmp_path / "report.html")
        assert page.value("document.title") != "owned"
        while not page.errors:
            browser.receive(soon("an error"))
        assert "Content Security Policy" in " ".join(page.errors)

# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees first of a failed run, in the terminal and on the page, without scrolling."""

import re
from html import unescape
from pathlib import Path

from harness.bench.browser import Browser
from harness.report.page import page as made
from harness.report.page import write
from harness.report.stored import read_run
from harness.report.terminal import show
from harness.scenario.result import Result
from harness.scenario.schema import REPOSITORY

PICTURES = REPOSITORY / "build" / "report" / "causes"
SIZES = ((1280, 800), (360, 740))
_ROWS, _COLUMNS = 24, 80


def first_screens(result: Result) -> tuple[str, str]:
    """The first 24 lines of `harness show` at 80 columns, and the page above its evidence, both squeezed."""
    assert result.run_dir is not None
    run = read_run(result.run_dir)
    lines = list(show(run, _COLUMNS))[:_ROWS]
    html = made([run], result.run_dir.parent)
    above = html[html.index("<main"):html.index("<summary>")]
    return squeezed(" ".join(lines)), squeezed(unescape(re.sub(r"<[^>]+>", " ", above)))


# What of the page is inside the window: pieces of text that end above its lower edge.
_SEEN = """(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange(), seen = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width && box.bottom <= innerHeight && node.parentElement.checkVisibility()) seen.push(node.data);
  }
  return seen.join(" ");
})()"""


def pictured(browser: Browser, result: Result, name: str, workdir: Path) -> list[str]:
    """What is to be seen of the page without scrolling, on a wide screen and on a phone, squeezed.

    Pictures of it are left in build/report/causes, to be looked at.
    """
    assert result.run_dir is not None
    file = workdir / "report.html"
    write([read_run(result.run_dir)], file)
    found = []
    for width, height in SIZES:
        with browser.page(width, height) as page:
            page.open(file)
            page.screenshot(PICTURES / f"{name}-{width}.png")
            assert page.errors == []
            found.append(squeezed(page.value(_SEEN)))
    return found


def squeezed(text: str) -> str:
    """A text without its blanks: where lines break, in the middle of a long word too, does not matter."""
    return "".join(text.split())

# SPDX-License-Identifier: GPL-2.0-only
"""JUnit reports that CI pages show well: what pytest writes, with the cause in the places where they look.

    classname, name   folder of the scenario with dots, its own name
    file, line        the scenario and the step that failed
    failure           FAIL and CRASH: message is the sentence, type the title, text the whole story
    error             ERROR: the scenario, the harness or the host is at fault; the same inside
    system-out        the line that runs it again, the folder, seed and images; passed ones have it too

GitLab shows the text and, as a link, the attachment; Jenkins message, text and system-out; actions for GitHub
put the message at file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from junitparser import Attr, Error, Failure, JUnitXml, JUnitXmlError, Properties, TestCase

from harness.errors import HarnessError, HostError, UsageError
from harness.outcome import Verdict
from harness.output import beside, deliver
from harness.report.stored import RESULT, StoredRun, read_run
from harness.report.text import visible

_PLACE = re.compile(r"(?P<file>[^:]+\.(?:yaml|py)):(?P<line>\d+)(?=:|$)")
_SHOWN = ("reproduce", "folder", "seed", "images")


class _Case(TestCase):
    """A test case with the place that pages link to."""

    file = Attr()
    line = Attr()


def improve(file: Path) -> None:
    """Rewrite a report of pytest's; test cases that are no scenarios stay as they are.

    :raise UsageError: it is no JUnit report
    :raise HostError: it cannot be written
    """
    try:
        report: Any = JUnitXml.fromfile(str(file))  # Any: junitparser's types are half there
    except (OSError, JUnitXmlError, SyntaxError) as error:
        raise UsageError(f"no JUnit report: {error}", where=str(file)) from error
    for suite in report:
        for case in suite:
            _improve(_case(case))
        suite.update_statistics()
    report.update_statistics()
    partial = beside(file)
    try:
        report.write(str(partial))
        deliver(partial, file)
    except OSError as error:
        raise HostError(f"cannot write the report: {error.strerror}", where=str(file)) from error


def _case(case: Any) -> Any:
    return _Case.fromelem(case)  # type: ignore[no-untyped-call]


def _improve(case: Any) -> None:
    told = {str(one.name): str(one.value) for one in case.child(Properties) or ()}
    if "verdict" not in told:
        return
    folder, _, name = told["scenario"].replace("::", "/").rpartition("/")
    case.classname, case.name = folder.replace("/", ".") or "scenarios", name
    place = _PLACE.match(told.get("where") or told.get("reason", ""))
    case.file = place["file"] if place else told.get("file", "")
    if place:
        case.line = place["line"]
    lines = [f"{name}: {visible(told[name])}" for name in _SHOWN if told.get(name)]
    case.system_out = "\n".join([*lines, *filter(None, [case.system_out])])
    if Verdict[told["verdict"]] not in (Verdict.PASS, Verdict.SKIP):
        _explain(case, told)


def _explain(case: Any, told: Mapping[str, str]) -> None:
    run = _run(told)
    made = Error if run.verdict is Verdict.ERROR else Failure
    found = made(visible(f"{run.verdict.name}: {run.sentence}"), visible(run.title))
    before = [str(result.text or result.message or "") for result in case.result]
    found.text = "\n".join(visible(line) for line in "\n".join(before).splitlines())
    case.result = [found]


def _run(told: Mapping[str, str]) -> StoredRun:
    """The run as its folder tells it; one that was not started has only what the session knows."""
    folder = Path(told["folder"]) if told.get("folder") else None
    try:
        if folder is not None and (folder / RESULT).is_file():
            return read_run(folder)
    except HarnessError:
        pass
    return StoredRun(told["scenario"], Verdict[told["verdict"]], title=Verdict[told["verdict"]].name,
                     sentence=told.get("reason", ""))

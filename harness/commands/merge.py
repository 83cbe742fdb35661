# SPDX-License-Identifier: GPL-2.0-only
"""`harness merge`: the results of all shards as one table, one JUnit report and one exit status."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from junitparser import JUnitXml, JUnitXmlError

from harness.errors import HostError, UsageError
from harness.outcome import Verdict, exit_code
from harness.report.results import Results, is_results, join, read
from harness.report.table import Row, table, totals


def main(arguments: argparse.Namespace) -> int:
    """Join, print, write.

    :return: as a single run of all of them: guests (1) before authors (2) before the host (3).
    :raise UsageError: a shard or a scenario is missing or there twice, or a file is of another kind
    """
    files = list(_files(arguments.parts))
    parts: list[tuple[str, Results]] = [(str(file), read(file)) for file in files if file.suffix != ".xml"]
    reports = [file for file in files if file.suffix == ".xml"]
    if not parts:
        raise UsageError("no file of results", where="merge", hint="'harness run --results FILE' writes one")
    rows = join(parts)
    if arguments.junitxml is not None:
        _write_junit(reports, len(parts), arguments.junitxml)
    for line in table(rows, shutil.get_terminal_size().columns):
        print(line)
    print(totals(rows))
    return status(rows)


def status(rows: Sequence[Row]) -> int:
    """The exit status for all; of nothing at all it is that of an error."""
    return min((row.exit_status for row in rows if row.exit_status),
               default=exit_code(Verdict.PASS) if rows else exit_code(Verdict.ERROR))


def _files(parts: Sequence[Path]) -> Iterator[Path]:
    """The files that were named, and those of folders that are of our kinds."""
    for part in parts:
        if part.is_dir():
            yield from (file for file in sorted(part.rglob("*.json")) if is_results(file))
            yield from sorted(part.rglob("*.xml"))
        elif part.exists():
            yield part
        else:
            raise UsageError("no such file or folder", where=str(part))


def _write_junit(reports: Sequence[Path], shards: int, out: Path) -> None:
    """One report of several; a test that is in two of them is an error."""
    reports = [file for file in reports if file.resolve() != out.resolve()]
    if len(reports) != shards:
        raise UsageError(f"{len(reports)} JUnit reports for {shards} shards", where="merge",
                         hint="give each shard --junitxml, and name the files or their folder here")
    joined = JUnitXml()
    seen: dict[tuple[str, str], Path] = {}
    for file in reports:
        try:
            report = JUnitXml.fromfile(str(file))
        except (OSError, JUnitXmlError, SyntaxError) as error:
            raise UsageError(f"no JUnit report: {error}", where=str(file)) from error
        for suite in report:
            for case in suite:
                name = (str(case.classname), str(case.name))
                if seen.setdefault(name, file) != file:
                    raise UsageError(f"{'::'.join(name)} is also in {seen[name]}", where=str(file))
        joined += report
    try:
        joined.write(str(out))
    except OSError as error:
        raise HostError(f"cannot write the report: {error.strerror}", where=str(out)) from error

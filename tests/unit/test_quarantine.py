# SPDX-License-Identifier: GPL-2.0-only
"""The quarantine: which failures it excuses, how long, and what is wrong with its file."""

from pathlib import Path

import pytest

from harness.errors import SchemaError
from harness.nights.quarantine import judge, read
from harness.outcome import Verdict
from tests.unit.nights_cases import a_run

TEXT = """# SPDX-License-Identifier: GPL-2.0-only
- scenario: a/x
  title: link.stalled
  reason: BE waits for itself
  owner: Ada
  until: 2026-12-01
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "q.yaml").write_text(TEXT)
    return tmp_path / "q.yaml"


def test_an_entry_excuses_this_failure_of_this_scenario(file: Path) -> None:
    runs = [a_run(title="link.stalled"), a_run(title="other"), a_run("b", "link.stalled"), a_run("c")]
    found = judge(read(file), runs, "2026-12-01")
    assert [run.scenario for run, _ in found.excused] == ["a/x"]
    assert [(run.scenario, run.title) for run in found.red] == [("a/x", "other"), ("b", "link.stalled")]
    assert found.expired == ()
    assert found.passing == ()


def test_an_expired_entry_excuses_nothing_and_is_told(file: Path) -> None:
    found = judge(read(file), [a_run(title="link.stalled")], "2026-12-02")
    assert len(found.red) == 1
    ((_, entry),) = found.expired
    assert entry.place == f"{file}:2"
    assert "Ada, until 2026-12-01: BE waits for itself" in str(entry)


def test_what_passes_is_told(file: Path) -> None:
    assert [entry.title for entry in judge(read(file), [a_run()], "2026-11-01").passing] == ["link.stalled"]
    assert judge(read(file), [a_run(), a_run(title="link.stalled")], "2026-11-01").passing == ()
    assert judge(read(file), [a_run(verdict=Verdict.SKIP)], "2026-11-01").passing == ()
    assert judge(read(file), [], "2026-11-01").passing == ()


@pytest.mark.parametrize(("old", "new", "message"), [
    ("until: 2026-12-01", "until: soon", "q.yaml:6: q[0].until: expected a date, found the text 'soon'; for"),
    ("  owner: Ada\n", "", "q.yaml:2: q[0]: key 'owner' is missing"),
    ("owner", "ower", "q.yaml:5: q[0]: unknown key 'ower'; did you mean 'owner'?"),
    ("owner: Ada", "owner: ''", "q.yaml:5: q[0].owner: expected text that is not empty"),
    ("a/x", "a/y", "q.yaml:2: no scenario 'a/y'; did you mean 'a/x'?"),
])
def test_mistakes_are_told_with_their_line(file: Path, old: str, new: str, message: str) -> None:
    file.write_text(TEXT.replace(old, new))
    with pytest.raises(SchemaError) as told:
        read(file, {"a/x", "b"})
    assert str(told.value).startswith(f"{file.parent}/{message}")


def test_what_is_no_list_or_there_twice(file: Path) -> None:
    file.write_text(TEXT + TEXT)
    with pytest.raises(SchemaError, match=r"q.yaml:8: 'link.stalled' of a/x is also at .*q.yaml:2"):
        read(file)
    file.write_text("a: b\n")
    with pytest.raises(SchemaError, match=r"q.yaml:1: q: expected a list of entries, found a mapping"):
        read(file)
    file.write_text("[]\n")
    assert read(file) == ()


def test_the_example_in_the_repository_is_a_right_one(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "ci" / "quarantine.yaml").read_text()
    example = [line[2:] for line in text.splitlines() if line[2:4] in ("- ", "  ")]
    (tmp_path / "q.yaml").write_text("\n".join(example))
    (entry,) = read(tmp_path / "q.yaml")
    assert entry.scenario == "links/both-on"

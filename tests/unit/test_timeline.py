# SPDX-License-Identifier: GPL-2.0-only
"""Steps and consoles merged by time."""

import json
from pathlib import Path

from harness.scenario.timeline import Timeline, console_entries


def console(folder: Path, name: str, data: bytes, stamps: list[tuple[int, int]]) -> Path:
    log = folder / f"console-{name}.log"
    log.write_bytes(data)
    log.with_name(log.name + ".times").write_text("".join(f"{at} {ns}\n" for at, ns in stamps))
    return log


def test_lines_get_the_time_of_their_read(tmp_path: Path) -> None:
    log = console(tmp_path, "a", b"one\r\ntwo\r\n\r\nthree\xff\n", [(0, 100), (5, 200), (12, 300)])
    assert [(entry.ns, entry.text) for entry in console_entries("a", log)] == [
        (100, "one"), (200, "two"), (300, "three\ufffd")]


def test_lines_of_one_read_share_a_time(tmp_path: Path) -> None:
    log = console(tmp_path, "a", b"one\ntwo\n", [(0, 100)])
    assert [entry.ns for entry in console_entries("a", log)] == [100, 100]


def test_a_console_that_never_spoke(tmp_path: Path) -> None:
    assert list(console_entries("a", tmp_path / "console-a.log")) == []


def test_all_sources_in_order(tmp_path: Path) -> None:
    line = Timeline()
    line.add("step", "first")
    later = line.entries()[0].ns + 10**9
    log = console(tmp_path, "agency", b"old\nnew\n", [(0, line.began - 5), (4, later)])
    line.write(tmp_path / "t.jsonl", [("agency", log)])
    found = [json.loads(text) for text in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert [(entry["source"], entry["text"]) for entry in found] == [
        ("agency", "old"), ("step", "first"), ("agency", "new")]
    assert found[0]["t"] <= 0 <= found[1]["t"]


def test_what_was_said_to_the_monitor_is_in_it(tmp_path: Path) -> None:
    line = Timeline()
    line.add("step", "first")
    log = tmp_path / "qmp.jsonl"
    said = [("out", {"execute": "stop"}, 2), ("in", {"event": "STOP"}, 3), ("in", {"return": "x" * 900}, 1)]
    told = [json.dumps({"ns": line.began + ns * 10**9, "direction": way, "message": message})
            for way, message, ns in said]
    log.write_text("\n".join([*told, '{"ns": 1']))
    line.write(tmp_path / "t.jsonl", [], [("there/qmp", log)])
    found = [json.loads(text) for text in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert [entry["text"][:20] for entry in found] == [
        "first", '< {"return": "xxxxxx', '> {"execute": "stop"', '< {"event": "STOP"}']
    assert found[1]["source"] == "there/qmp"
    assert len(found[1]["text"]) == 500

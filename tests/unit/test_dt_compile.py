# SPDX-License-Identifier: GPL-2.0-only
"""Compiling by dtc: labels kept, errors placed, warnings that matter logged."""

import logging
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.dt.compile import compile_tree
from harness.dt.view import Tree
from harness.errors import DtError, Expired, ToolMissing
from tests.unit.dt_samples import AGENCY, DTS, ME, compiled, faulty

SOURCES = sorted([*(DTS / "base").glob("*.dts*"), *(DTS / "overlays").glob("*.dtso")])


def test_labels_are_kept() -> None:
    tree = Tree.parse(compile_tree(ME))
    assert tree.text("/__symbols__", "vdummy_fe") == "/ME/frontends/vdummy"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_our_sources_compile_without_a_warning(source: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert compile_tree(source)
    assert caplog.messages == []


def test_the_same_source_gives_the_same_bytes() -> None:
    assert compile_tree(AGENCY) == compile_tree(AGENCY)


@pytest.mark.parametrize(("name", "line", "what"), [
    ("syntax-error.dtso", 8, "syntax error"),
    ("missing-include.dtso", 5, 'Couldn\'t open "nowhere.dtsi": No such file or directory'),
    ("undefined-label.dts", 6, '/avz: Reference to non-existent node or label "shared"'),
])
def test_errors_name_file_and_line(name: str, line: int, what: str) -> None:
    with pytest.raises(DtError) as caught:
        compile_tree(faulty(name))
    assert str(caught.value) == f"{faulty(name)}:{line}: {what}"


@pytest.mark.parametrize(("body", "line", "what"), [
    ("/ { x { a = <0x1ffffffff>; }; };", 2, "Value out of range for 32-bit array element"),
    ("/ { x@1 { reg = <1>; };\n x@1 { }; };", 3, "/x@1: Duplicate node name"),
    ("/ { };\n&foo { b; };", 3, "Label or path foo not found"),
    ("/ { x { $ }; };", 2, "syntax error"),
])
def test_first_error_counts(tmp_path: Path, body: str, line: int, what: str) -> None:
    with pytest.raises(DtError) as caught:
        compiled(tmp_path, body)
    assert str(caught.value) == f"{tmp_path / 'sample.dts'}:{line}: {what}"


def test_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(DtError, match=r"none\.dts: no such device tree source"):
        compile_tree(tmp_path / "none.dts")


def test_a_folder_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(DtError, match="no such device tree source"):
        compile_tree(tmp_path)


def test_warning_is_logged_with_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        compiled(tmp_path, "/ { x@1 { }; };")
    assert len(caplog.messages) == 1
    assert "sample.dts:2" in caplog.messages[0]
    assert "unit_address_vs_reg" in caplog.messages[0]


def test_overlay_is_not_warned_of_what_its_target_knows(tmp_path: Path,
                                                        caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        compiled(tmp_path, "/plugin/;\n&bus { x@1 { reg = <1 2 3>; interrupts = <1>; }; };")
    assert caplog.messages == []


def test_missing_dtc_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="device-tree-compiler"):
        compile_tree(ME)


def test_dtc_has_a_deadline() -> None:
    with pytest.raises(Expired):
        compile_tree(ME, deadline=Deadline.after(0, "dtc"))

# SPDX-License-Identifier: GPL-2.0-only
"""What is complete takes a file's place; what is no file of data is written into."""

import os
import threading
from pathlib import Path

from harness.output import beside, deliver
from harness.report.whole import write_whole


def _put(target: Path, text: str) -> None:
    partial = beside(target)
    partial.write_text(text)
    deliver(partial, target)
    assert not partial.exists()


def test_a_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    before = target.stat().st_ino
    _put(target, "new")
    assert target.read_text() == "new"
    assert target.stat().st_ino != before, "who reads the old one goes on with it"


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to("there")
    _put(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_text() == "new"


def test_a_pipe_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert write_whole(pipe, "all of it", "the page") == 9
    reader.join(20)
    assert read == ["all of it"]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]

# SPDX-License-Identifier: GPL-2.0-only
"""The sockets between gdb, a person's terminal and the harness."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from harness.debug.attaching import Attached, FarConsole
from harness.debug.control import Answer, Control, Order, unknown
from harness.debug.door import FILE
from harness.errors import GuestLost, UsageError
from tests.component.console_rig import soon

SAID = b"agency ~ # \xff"


def _serve(order: Order) -> Answer:
    if order["do"] == "read":
        rest = SAID[order["position"]:].decode("latin-1")
        return {"data": rest, "ended": not rest}
    if order["do"] == "echo":
        return {"text": order["text"]}
    raise unknown(order)


@contextmanager
def _client(path: Path) -> Iterator[TextIO]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        with sock.makefile("rw", encoding="utf-8") as lines:
            yield lines


def _ask(lines: TextIO, text: str) -> object:
    lines.write(text + "\n")
    lines.flush()
    return json.loads(lines.readline())


def test_several_clients_and_orders_that_make_no_sense(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with Control(path, _serve), _client(path) as one, _client(path) as other:
        assert _ask(one, '{"do": "echo", "text": "a"}') == {"text": "a"}
        assert _ask(other, '{"do": "echo", "text": "b"}') == {"text": "b"}
        assert _ask(one, '{"do": "fly"}') == {"error": "cannot do 'fly' on this machine"}
        assert "error" in dict(_ask(one, "no json"))  # type: ignore[call-overload]
        assert _ask(one, '{"text": 3}') == {"error": "'do'"}
        assert _ask(one, '{"do": "echo", "text": "c"}') == {"text": "c"}
    assert not path.exists()


def _attached(run: Path, control: Control) -> Attached:
    (run / FILE).write_text(json.dumps({"socket": str(control.path)}))
    return Attached(run)


def test_a_console_far_away(tmp_path: Path) -> None:
    with Control(tmp_path / "c", _serve) as control, _attached(tmp_path, control) as attached:
        console = FarConsole(attached, "agency")
        assert console.read_some(0, 100, soon("output")) == SAID
        assert console.read_some(len(SAID), 100, soon("output")) is None
        with pytest.raises(UsageError, match="cannot do 'send'"):
            console.send(b"x")


def test_the_run_ends_while_somebody_is_attached(tmp_path: Path) -> None:
    with Control(tmp_path / "c", _serve) as control:
        attached = _attached(tmp_path, control)
        assert attached.ask("echo", text="a") == {"text": "a"}
    with attached, pytest.raises(GuestLost, match="the run has ended"):
        attached.ask("echo", text="b")

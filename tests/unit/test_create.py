# SPDX-License-Identifier: GPL-2.0-only
"""Beginnings from templates: right as they are, never over what is there."""

import re
from pathlib import Path

import pytest

from harness.create.device import write_device
from harness.create.scenario import devices, write_scenario
from harness.create.write import write_new
from harness.errors import HostError, UsageError
from harness.scenario.schema import read
from tests.repository import copy_of_repository


@pytest.mark.parametrize("device", devices())
def test_a_new_scenario_can_be_read(tmp_path: Path, device: str) -> None:
    file = write_scenario("links/my-first", device, tmp_path, python=False)
    assert file == tmp_path / "links/my-first.yaml"
    scenario = read(file)
    assert scenario.about.startswith("my-first - ")
    assert [me.name for me in scenario.mes] == ["alpha"]
    assert "@" not in file.read_text()


def test_in_python(tmp_path: Path) -> None:
    file = write_scenario("my-first", "vuart", tmp_path, python=True)
    assert file == tmp_path / "test_my_first.py"
    compile(file.read_text(), str(file), "exec")
    assert "def test_my_first(system" in file.read_text()
    assert '"vuart-be-on"' in file.read_text()


@pytest.mark.parametrize(("name", "device", "message"), [
    ("My First", "vdummy", "new scenario: 'My First' is no name of a scenario; lower-case"),
    ("../x", "vdummy", "'../x' is no name"),
    ("", "vdummy", "'' is no name"),
    ("x", "vdumy", "there is no device 'vdumy'; did you mean 'vdummy'? 'harness new device' makes one"),
    ("x", "led", "there is no device 'led'; valid: vdummy, vuart; 'harness new device' makes one"),
])
def test_mistakes(tmp_path: Path, name: str, device: str, message: str) -> None:
    with pytest.raises(UsageError) as told:
        write_scenario(name, device, tmp_path, python=False)
    assert message in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    file = write_scenario("x", "vdummy", tmp_path, python=False)
    file.write_text("mine")
    with pytest.raises(UsageError, match="x.yaml: it is there already, and is not overwritten"):
        write_scenario("x", "vuart", tmp_path, python=False)
    assert file.read_text() == "mine"
    with pytest.raises(UsageError):
        write_new({tmp_path / "other": "", file: ""})
    assert [path.name for path in tmp_path.iterdir()] == ["x.yaml"]
    with pytest.raises(HostError, match="below: cannot write it: "):
        write_new({file / "below": ""})


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with two new devices."""
    folder = tmp_path_factory.mktemp("repository")
    copy_of_repository(folder)
    device = write_device("vlamp", folder)
    assert device.new[-1] == folder / "scenarios/vlamp/both-on.yaml"
    assert folder / "harness/abi/devices.py" in device.changed
    write_device("vkey2", folder)
    return folder


def test_a_new_device_is_everywhere(repository: Path) -> None:
    """What one is known to the other is as well, and no mark of a template is left."""
    texts = {path: path.read_text(errors="replace") for path in repository.rglob("*")
             if path.is_file() and not {"tests", "create", "commands"} & set(path.parts)}
    for path, text in texts.items():
        if "vlamp" not in text:
            continue
        assert ("vkey2" in text) == ("vlamp" not in path.as_posix().removeprefix(str(repository))), path
        assert not re.search(r"@(name|NAME)@", text), path
    layouts = (repository / "harness/abi/layout.py").read_text()
    modules = re.findall(r"^    (v\w+),$", layouts, re.MULTILINE)
    assert modules == sorted(modules)
    assert {"vdummy", "vkey2", "vlamp", "vuart"} <= set(modules)
    (devices_line,) = re.findall(r"^from harness.abi import (.*)$",
                                 (repository / "harness/abi/devices.py").read_text(), re.MULTILINE)
    assert devices_line.split(", ") == sorted({*devices_line.split(", "), "vkey2", "vlamp"})


WRONG_TYPES = {
    "led": "new device: 'led' is no type of a device; v, then lower-case letters and digits",
    "vLed": "'vLed' is no type",
    "void": "'void' is no type",
    "vdummy": "new device: there is a device 'vdummy' already",
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_mistakes_in_the_name_of_a_device(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=WRONG_TYPES[name]):
        write_device(name, tmp_path)


def test_either_all_of_a_device_or_nothing(repository: Path, tmp_path: Path) -> None:
    before = sorted(repository.rglob("*"))
    with pytest.raises(UsageError, match="vlamp.h: it is there already"):
        write_device("vlamp", repository)
    (tmp_path / "dts/base").mkdir(parents=True)
    (tmp_path / "dts/base/agency-virt64.dtso").write_text("/ {};\n")
    with pytest.raises(UsageError, match=r"agency-virt64.dtso: no line .* do it by hand"):
        write_device("vnew", tmp_path)
    assert sorted(repository.rglob("*")) == before
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["agency-virt64.dtso"]

# SPDX-License-Identifier: GPL-2.0-only
"""What is wrong in a scenario is told with its line and the nearest valid name."""

from pathlib import Path

import pytest

from harness.errors import SchemaError
from harness.scenario.model import Scenario, flatten
from harness.scenario.schema import FOLDER, REPOSITORY, read, read_system, scenario_name
from harness.scenario.steps.life import Inject

GOOD = """\
about: Something.
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on], spid: 0x10, slot: 3}
  - beta
deadline: 2m
tags: [links]
requires: [vdummy]
steps:
  - boot
  - inject: [alpha, beta]
  - expect.connected: alpha/vdummy
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(text)
    return path


def refused(folder: Path, text: str, *, image_sets: list[str] | None = None,
            features: list[str] | None = None) -> str:
    with pytest.raises(SchemaError) as caught:
        read(write(folder, text), image_sets=image_sets, features=(lambda: features) if features else None)
    return str(caught.value).removeprefix(str(folder / "s.yaml"))


def with_step(step: str) -> str:
    return f"about: x\nmes: [alpha, beta]\nsteps:\n  - boot\n  - {step}\n"


def test_a_good_scenario(tmp_path: Path) -> None:
    scenario = read(write(tmp_path, GOOD))
    alpha, beta = scenario.mes
    assert (scenario.name, scenario.images, scenario.deadline) == ("s", "ref-virt64", 120.0)
    assert (alpha.spid, alpha.slot, [path.stem for path in alpha.overlays]) == (16, 3, ["vdummy-fe-on"])
    assert (beta.name, beta.overlays, scenario.requires) == ("beta", (), ("vdummy",))
    assert [step.where for step in scenario.steps] == [f"{tmp_path}/s.yaml:{line}" for line in (10, 11, 12)]


def test_machines(tmp_path: Path) -> None:
    text = GOOD.replace("deadline: 2m", "machines: [here, there]")
    assert read(write(tmp_path, text)).machines == ("here", "there")
    assert read(write(tmp_path, GOOD)).machines == ("here",)


@pytest.mark.parametrize(("key", "cold"), [("", False), ("boot: cold\n", True), ("boot: clone\n", False)])
def test_how_machines_start(tmp_path: Path, key: str, cold: bool) -> None:
    assert read(write(tmp_path, GOOD + key)).cold is cold


TABLE = {
    "no way to start": ("about: x\nboot: warm\nsteps: [boot]", ":2: s.boot: unknown value 'warm'"),
    "machine of an ME's name": ("about: x\nmes: [alpha]\nmachines: [here, alpha]\nsteps: [boot]",
                                ":3: s.machines[1]: 'alpha' is the name of another machine or ME"),
    "machines without MEs": ("about: x\nmachines: [here, there]\nsteps: [boot]",
                             ":2: s.machines: several machines and no ME that could move"),
    "unknown machine": (with_step("migrate: {me: alpha, to: her}"), "no machine 'her' in this scenario"),
    "restore of what": (with_step("restore: {file: one}"), "give either 'me' or 'refused'"),
    "unknown damage of a snapshot": (with_step("spoil: {file: a, how: cuts, into: b}"), "'cuts'"),
    "unknown state of an ME": (with_step("expect.me: {me: alpha, state: sleeping}"), "'sleeping'"),
    "a path as file": (with_step("save: {me: alpha, file: /tmp/x}"), "expected a name"),
    "malformed": ("about: [", ":1: malformed YAML"),
    "empty": ("", ":1: empty file"),
    "no mapping": ("- about: x", ":1: s: expected a mapping, found a list"),
    "no about": ("steps: [boot]", "key 'about' is missing"),
    "about of two lines": ("about: |\n  a\n  b\nsteps: [boot]", ":1: s.about: expected one line"),
    "unknown key": ("about: x\nstep: []\nsteps: [boot]", ":2: s: unknown key 'step'; did you mean 'steps'?"),
    "key twice": ("about: x\nabout: y\nsteps: [boot]", ":2: s: key 'about' occurs twice"),
    "wrong type": (
        "about: x\ntags: boot\nsteps: [boot]",
        ":2: s.tags: expected a list, found the text 'boot'",
    ),
    "bad tag": (
        "about: x\ntags: [A b]\nsteps: [boot]",
        ":2: s.tags[0]: expected a word of lower-case letters",
    ),
    "bad deadline": (
        "about: x\ndeadline: 10\nsteps: [boot]",
        ":2: s.deadline: expected a duration with unit",
    ),
    "no steps": ("about: x\nsteps: []", ":2: s.steps: no steps: nothing would run"),
    "unknown step": ("about: x\nsteps:\n  - bot", ":3: unknown step 'bot'; did you mean 'boot'?"),
    "unknown step with value": (
        with_step("expect.conected: alpha/vdummy"),
        ":5: unknown step 'expect.conected'; did you mean 'expect.connected'?",
    ),
    "two steps in one": (
        with_step("{inject: alpha, kill: alpha}"),
        ":5: s.steps[1]: expected exactly one key",
    ),
    "no expectation": (
        "about: x\nmes: [alpha]\nsteps:\n  - inject: alpha\n  - kill: alpha",
        ":4: missing expectations: no step of this scenario can fail it",
    ),
    "no expectation inside repeat": (
        "about: x\nmes: [a]\nsteps:\n  - repeat: {times: 2, steps: [inject: a]}",
        "missing expectations",
    ),
    "two MEs of a name": (
        "about: x\nmes: [alpha, {name: alpha}]\nsteps: [boot]",
        ":2: s.mes[1]: two MEs are called 'alpha'",
    ),
    "bad ME name": ("about: x\nmes: [Alpha]\nsteps: [boot]", ":2: s.mes[0]: expected a name of lower-case"),
    "an ME called agency": (
        "about: x\nmes: [agency]\nsteps: [boot]",
        "'agency' is the name of the other side",
    ),
    "ME without a name": ("about: x\nmes: [{slot: 2}]\nsteps: [boot]", ":2: s.mes[0]: key 'name' is missing"),
    "slot out of range": (
        "about: x\nmes: [{name: a, slot: 7}]\nsteps: [boot]",
        "expected an integer from 2 to 6",
    ),
    "missing overlay": (
        "about: x\nagency: {overlays: [vdummy-be-onn]}\nsteps: [boot]",
        "dts/overlays or beside the scenario; did you mean 'vdummy-be-on'?",
    ),
    "missing overlay file": (
        "about: x\nagency: {overlays: [./none.dtso]}\nsteps: [boot]",
        "no file './none.dtso'",
    ),
    "missing base": (
        "about: x\nmes: [{name: a, base: me-virt46}]\nsteps: [boot]",
        "no base tree 'me-virt46'",
    ),
    "unknown fault": (
        "about: x\nagency: {fault: be-swapp}\nsteps: [boot]",
        ":2: s.agency.fault: unknown fault 'be-swapp'; did you mean 'be-swap'?",
    ),
    "an ME's fault for the agency": (
        "about: x\nagency: {fault: fe-hang-probe}\nsteps: [boot]",
        "unknown fault 'fe-hang-probe'",
    ),
    "unknown damage": ("about: x\nmes: [{name: a, damage: cut}]\nsteps: [boot]", "unknown value 'cut'"),
    "unknown ME": (
        with_step("inject: alfa"),
        ":5: s.steps[1].inject: no ME 'alfa' in this scenario; did you mean 'alpha'?",
    ),
    "link without type": (
        with_step("expect.connected: alpha"),
        "expected a link as ME/TYPE, found the text 'alpha'",
    ),
    "unknown state": (
        with_step("expect.state: {link: alpha/vdummy, be: Conected}"),
        "unknown state 'Conected'; did you mean 'Connected'?",
    ),
    "no side": (with_step("expect.state: {link: alpha/vdummy}"), "neither 'be' nor 'fe' is given"),
    "bad order": (
        with_step("expect.states: {link: alpha/vdummy, order: [InitWait]}"),
        "expected a side and a state",
    ),
    "store without check": (
        with_step("expect.store: {path: a}"),
        "give one of equals, matches, absent, children",
    ),
    "store with two checks": (
        with_step("expect.store: {path: a, equals: 1, absent: true}"),
        "give one of equals",
    ),
    "store of an unknown ME": (with_step("expect.store: {path: 'a/{gamma}', equals: 1}"), "no ME 'gamma'"),
    "bad regex": (with_step("expect.console: {matches: '('}"), "bad regular expression"),
    "console without check": (
        with_step("expect.console: {console: alpha}"),
        "give one of contains, matches, lacks",
    ),
    "console with nothing": (
        with_step("expect.console: {console: alpha, contains: ''}"),
        "expected some text",
    ),
    "a rule that is none": (
        with_step("expect.violation: ring.paylod"),
        "no rule 'ring.paylod'; did you mean 'ring.payload'?",
    ),
    "send without count": (with_step("send: {me: alpha}"), "traffic in the foreground needs a count"),
    "window too large": (
        with_step("send: {me: alpha, count: 1, window: 65}"),
        "expected an integer from 1 to 64",
    ),
    "background with windows": (
        with_step("send: {me: alpha, count: 1, window: [1, 2], background: true}"),
        "traffic in the background has one window",
    ),
    "too seldom": (with_step("send: {me: alpha, count: 1, every: 2s}"), "whole milliseconds, at most 1000"),
    "too fine": (with_step("send: {me: alpha, count: 1, every: 0.5ms}"), "whole milliseconds, at most 1000"),
    "kill of nothing": (with_step("kill: {within: 1s}"), "give either 'me' or 'slot'"),
    "kill of a slot": (with_step("kill: {slot: 3}"), "a slot can only be given together with 'refused'"),
    "repeat of nothing": (with_step("repeat: {times: 2, steps: []}"), "no steps: nothing would run"),
    "within without unit": (
        with_step("expect.connected: {links: alpha/vdummy, within: 5}"),
        "expected a duration with unit",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_refused(name: str, tmp_path: Path) -> None:
    text, expected = TABLE[name]
    told = refused(tmp_path, text)
    assert expected in told
    assert "\n" not in told


def test_every_error_has_a_line(tmp_path: Path) -> None:
    for text, _ in TABLE.values():
        assert refused(tmp_path, text).split(":")[1].isdigit(), text


def test_a_feature_that_nobody_has_is_no_reason_to_skip(tmp_path: Path) -> None:
    text = "about: x\nrequires: [vdummy, {word}]\nsteps:\n  - boot\n"
    known = ["save", "vdummy", "vuart"]
    told = refused(tmp_path, text.replace("{word}", "nonsense"), features=known)
    assert told == (":2: s.requires[1]: no image set has the feature 'nonsense'; "
                    "valid: save, vdummy, vuart")
    assert "did you mean 'vuart'?" in refused(tmp_path, text.replace("{word}", "vart"), features=known)
    scenario = read(write(tmp_path, text.replace("{word}", "save")), features=lambda: known)
    assert scenario.requires == ("vdummy", "save")


def test_unknown_image_set(tmp_path: Path) -> None:
    text = "about: x\nimages: ref-virt46\nsteps: [boot]"
    told = refused(tmp_path, text, image_sets=["ref-virt64", "uboot-arm"])
    assert told == ":2: s.images: unknown image set 'ref-virt46'; did you mean 'ref-virt64'?"


def test_an_overlay_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "own.dtso").write_text("/dts-v1/; /plugin/;")
    scenario = read(write(tmp_path, "about: x\nagency: {overlays: [own]}\nsteps: [boot]"))
    assert scenario.agency.overlays == (tmp_path / "own.dtso",)


def test_names() -> None:
    assert scenario_name(Path("/x/scenarios/links/both-on.yaml")) == "links/both-on"
    assert scenario_name(Path("/x/other/both-on.yaml")) == "both-on"


def test_a_system_for_python(tmp_path: Path) -> None:
    path = tmp_path / "test_x.py"
    scenario = read_system(path, "test_y", {"about": "x", "mes": [{"name": "alpha", "slot": 2}]})
    assert (scenario.name, scenario.mes[0].slot, scenario.steps) == ("test_x::test_y", 2, ())
    with pytest.raises(SchemaError, match="unknown key 'abot'"):
        read_system(path, "test_y", {"abot": "x"})


def test_steps_before_the_body_of_python(tmp_path: Path) -> None:
    path = tmp_path / "test_x.py"
    values = {"about": "x", "mes": [{"name": "alpha"}], "steps": [{"inject": "alpha"}]}
    assert read_system(path, "test_y", values).steps == (Inject(("alpha",)),)
    with pytest.raises(SchemaError, match="beta"):
        read_system(path, "test_y", values | {"steps": [{"inject": "beta"}]})


def our_scenarios() -> list[Path]:
    return sorted((REPOSITORY / FOLDER).rglob("*.yaml"))


@pytest.mark.parametrize("path", our_scenarios(), ids=scenario_name)
def test_our_own_scenarios_are_good_and_fit_on_a_screen(path: Path) -> None:
    scenario: Scenario = read(path)
    assert any(step.is_expectation for step in flatten(scenario.steps))
    assert len(path.read_text().splitlines()) <= 35

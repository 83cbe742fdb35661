# SPDX-License-Identifier: GPL-2.0-only
"""Whatever is wrong outside: one line that says what and where, the right status, nothing left behind."""

import os
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.fit.layout import cut_section
from harness.fit.read import verify
from harness.guest.agency import Agency
from harness.images.store import ImageSet
from harness.proc import Completed, run
from harness.scenario.context import Context
from tests.orphans import MARK, wait_until_gone

REPOSITORY = Path(__file__).resolve().parents[2]
GOOD = "about: A boot.\nsteps:\n  - boot\n"


@dataclass(frozen=True)
class Case:
    """A scenario's text, the exit status, and words of the one line that explains it."""

    name: str
    text: str
    words: tuple[str, ...]
    status: int = 2


CASES = (
    Case("malformed", "about: [x\n", ("bad.yaml:2: malformed YAML",)),
    Case("unknown-key", "about: x\nstep: [boot]\n", ("bad.yaml:2: bad: unknown key 'step'", "'steps'")),
    Case("twice", "about: x\nabout: y\nsteps: [boot]\n", ("bad.yaml:2: ", "about")),
    Case("wrong-type", "about: x\nsteps: boot\n", ("bad.yaml:2: ", "expected a list")),
    Case("no-steps", "about: x\n", ("bad.yaml:1: ", "steps")),
    Case("image-set", "about: x\nimages: ref-virt46\nsteps: [boot]\n",
         ("bad.yaml:2: ", "unknown image set 'ref-virt46'", "'ref-virt64'")),
    Case("missing-overlay", "about: x\nagency: {overlays: [vdummy-be-onn]}\nsteps: [boot]\n",
         ("bad.yaml:2: ", "no overlay 'vdummy-be-onn'", "'vdummy-be-on'")),
    Case("no-such-label", "about: x\nagency: {overlays: [stray]}\nsteps: [boot]\n",
         ("stray.dtso: ", "label 'vdummy_bee'", "nearest label: vdummy_be")),
    Case("changes-nothing", "about: x\nagency: {overlays: [vdummy-be-on, vdummy-be-on]}\nsteps: [boot]\n",
         ("vdummy-be-on.dtso: ", "changes nothing")),
    Case("no-expectation", "about: x\nmes: [{name: alpha}]\nsteps:\n  - inject: alpha\n",
         ("bad.yaml:4: missing expectations",)),
    Case("unknown-step", "about: x\nsteps:\n  - bot\n", ("bad.yaml:3: unknown step 'bot'", "'boot'")),
    Case("unknown-me", "about: x\nmes: [{name: alpha}]\nsteps:\n  - send: {me: alfa, count: 1}\n",
         ("bad.yaml:4: ", "no ME 'alfa'", "'alpha'")),
    Case("unknown-type", "about: x\nmes: [{name: alpha}]\nsteps:\n  - inject: alpha\n"
         "  - expect.no_entries: alpha/vdumy\n", ("bad.yaml:5: ", "'vdumy'", "'vdummy'")),
    Case("command-before", "about: x\nmes: [{name: alpha}]\nsteps:\n  - run: {on: alpha, command: help}\n",
         ("bad.yaml:4: ME 'alpha' was not injected; a step before this one has to be: inject: alpha",)),
    Case("link-before", "about: x\nagency: {overlays: [vdummy-be-on]}\n"
         "mes: [{name: alpha, overlays: [vdummy-fe-on]}]\nsteps:\n  - expect.connected: alpha/vdummy\n",
         ("bad.yaml:5: ME 'alpha' was not injected; a step before this one",)),
    Case("injected-twice", "about: x\nmes: [{name: alpha}]\nsteps:\n  - inject: alpha\n  - inject: alpha\n"
         "  - run: {on: alpha, command: help}\n", ("bad.yaml:5: ", "already lives in slot 2")),
    Case("polite-attacker", "about: x\nmes: [{name: alpha}]\nsteps:\n  - inject: alpha\n"
         "  - attack: {me: alpha, kind: dotdot}\n", ("bad.yaml:5: ", "'alpha'", "'hostile: true'")),
    Case("nothing-sent", "about: x\nmes: [{name: alpha}]\nsteps:\n  - inject: alpha\n  - sent: alpha\n",
         ("bad.yaml:5: ", "no traffic of 'alpha'", "background: true")),
    Case("never-judged", "about: x\nagency: {overlays: [vdummy-be-on]}\n"
         "mes: [{name: alpha, overlays: [vdummy-fe-on]}]\nsteps:\n  - inject: alpha\n"
         "  - send: {me: alpha, background: true}\n  - expect.links: [alpha/vdummy]\n",
         ("bad.yaml: ", "'alpha'", "never judged", "'sent'")),
    Case("two-of-a-name", "about: x\nmes: [{name: a}, {name: a}]\nsteps: [boot]\n", ("bad.yaml:2: ", "'a'")),
)

STRAY = "/dts-v1/;\n/plugin/;\n&vdummy_bee {\n\tstatus = \"ok\";\n};\n"


@pytest.fixture(autouse=True, scope="module")
def built(images: Callable[[str], ImageSet]) -> None:
    """Progress of a build would be mixed into what is looked at here."""
    images("ref-virt64")


def harness_run(folder: Path, *options: str, file: str = "bad.yaml", **environment: str) -> Completed:
    """Run a scenario of a folder as a user would; nothing may be left afterwards."""
    mark = str(uuid.uuid4())
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), MARK: mark, **environment}
    done = run([sys.executable, "-m", "harness.cli", "run", file, *options], cwd=folder, env=env, check=False,
               deadline=Deadline.after(120, "the harness"))
    assert wait_until_gone(mark) == []
    return done


def explanation(done: Completed) -> str:
    """The one line that says what is wrong; on a busy host another one may tell who is waited for."""
    output = (done.stdout + done.stderr).decode()
    assert "Traceback" not in output, output
    lines = [line for line in output.splitlines()
             if line.startswith(("ERROR: ", "harness: ")) and " waits for " not in line]
    assert len(lines) == 1, output
    return lines[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scenario(case: Case, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(case.text)
    (tmp_path / "stray.dtso").write_text(STRAY)
    done = harness_run(tmp_path)
    line = explanation(done)
    for word in case.words:
        assert word in line
    assert done.status == case.status


def programs_but(folder: Path, left_out: str) -> str:
    """A search path that has all programs of this machine except one."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            link = folder / program.name
            if program.name != left_out and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def test_no_qemu(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(GOOD)
    done = harness_run(tmp_path, PATH=programs_but(tmp_path / "bin", "qemu-system-aarch64"))
    line = explanation(done)
    assert "qemu-system-aarch64" in line
    assert "qemu-system-arm" in line  # the package that has it
    assert done.status == 3


def test_qemu_too_old(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(GOOD)
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin/qemu-system-aarch64"
    old.write_text("#!/bin/sh\necho 'QEMU emulator version 5.2.0 (Debian 1:5.2)'\n")
    old.chmod(0o755)
    done = harness_run(tmp_path, PATH=f"{old.parent}:{os.environ['PATH']}")
    line = explanation(done)
    assert "5.2" in line
    assert "7.2" in line
    assert done.status == 3


def test_qemu_refuses_the_machine(tmp_path: Path) -> None:
    manifest = (REPOSITORY / "images/uboot-arm64.yaml").read_text().replace("cortex-a57", "cortex-z57")
    (tmp_path / "mine.yaml").write_text(manifest)
    (tmp_path / "bad.yaml").write_text("about: A boot.\nimages: mine\nsteps: [boot]\n")
    done = harness_run(tmp_path, "--images", ".")
    line = explanation(done)
    assert "QEMU does not accept the machine" in line
    assert "cortex-z57" in line
    assert done.status == 2


ASSERTION = """
import pytest


@pytest.mark.system(about="A plain assertion.")
def test_it(agency):
    assert agency is None, "no agency is wanted"
"""


STEPS_FIRST = """
import pytest


@pytest.mark.system(about="A step before the body.", agency={"overlays": ["vdummy-be-on"]},
                    mes=[{"name": "alpha", "overlays": ["vdummy-fe-on"]}],
                    steps=[{"inject": "alpha"}, {"expect.state": {
                        "link": "alpha/vdummy", "be": "Closed", "within": "100ms"}}])
def test_it(system):
    assert False, "the body was reached"
"""


@pytest.mark.parametrize(("text", "told"), [
    (ASSERTION, "test_bad.py:7: assertion failed: no agency is wanted"),
    (STEPS_FIRST, "expected BE Closed(6) within 0.1 s, observed BE Connected(4)"),
], ids=["assertion", "step before the body"])
def test_what_a_scenario_in_python_expects(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "test_bad.py").write_text(text)
    done = harness_run(tmp_path, file="test_bad.py")
    output = done.stdout.decode()
    assert "FAIL: " in output
    assert told in output
    assert "the body was reached" not in output
    assert "Traceback" not in output
    assert done.status == 1


@pytest.mark.parametrize(("wrong", "told"), [
    ("mark.system(abuot=1, about=", "test_it: unknown key 'abuot'; did you mean 'about'?"),
    ("mark.sytem(about=", "the test has no marker 'system'; look at how it is spelt"),
])
def test_a_mistake_in_the_marker_of_a_scenario_in_python(tmp_path: Path, wrong: str, told: str) -> None:
    (tmp_path / "test_bad.py").write_text(ASSERTION.replace("mark.system(about=", wrong))
    done = harness_run(tmp_path, file="test_bad.py")
    line = explanation(done)
    assert line.startswith("ERROR: test_bad::test_it: ")
    assert line.endswith(f"test_bad.py:5: {told}")
    assert done.status == 2


BUSY = """
about: A command for an ME that is sending.
agency: {overlays: [vdummy-be-on]}
mes: [{name: alpha, overlays: [vdummy-fe-on]}]
steps:
  - inject: alpha
  - send: {me: alpha, background: true}
  - run: {on: alpha, command: stats, contains: state}
  - sent: alpha
"""


def test_a_command_for_an_me_that_is_busy(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BUSY)
    done = harness_run(tmp_path)
    line = explanation(done)
    assert "is still running, nothing else can be asked; 'sent'" in line
    assert "bad.yaml:8" in done.stdout.decode()
    assert done.status == 2


def test_durations_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(GOOD)
    done = harness_run(tmp_path, "--durations-from", "nothing.json")
    output = (done.stdout + done.stderr).decode()
    assert "nothing.json: no file of durations" in output
    assert "INTERNALERROR" not in output
    assert done.status == 2


def test_bounds_of_the_cache_that_are_no_number(tmp_path: Path) -> None:
    """They are looked at by each run from a template, also if nothing has to be made."""
    (tmp_path / "bad.yaml").write_text("about: x\nsteps:\n  - run: {command: 'true'}\n")
    done = harness_run(tmp_path, SOO_HARNESS_CACHE_GIB="lots")
    assert "variable SOO_HARNESS_CACHE_GIB: 'lots' is not a positive number" in explanation(done)
    assert done.status == 2


def test_a_scenario_in_python_that_cannot_run_in_lockstep(tmp_path: Path) -> None:
    text = ASSERTION.replace("about=", "machines=['here', 'there'], mes=[{'name': 'alpha'}], about=")
    (tmp_path / "test_bad.py").write_text(text)
    done = harness_run(tmp_path, "--deterministic", file="test_bad.py")
    output = done.stdout.decode()
    assert "two machines share no clock" in output
    assert re.search(r"test_bad::test_it +SKIP", output)
    assert "Traceback" not in output
    assert done.status == 0


def test_path_taken(tmp_path: Path) -> None:
    """Where run folders belong there is a file."""
    (tmp_path / "bad.yaml").write_text(GOOD)
    (tmp_path / "build").write_text("taken")
    done = harness_run(tmp_path)
    assert "build" in explanation(done)
    assert done.status == 3
    assert (tmp_path / "build").read_text() == "taken"


def test_cache_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(GOOD)
    (tmp_path / "cache").write_text("taken")
    done = harness_run(tmp_path, SOO_HARNESS_CACHE=str(tmp_path / "cache"))
    assert "cache" in explanation(done)
    assert done.status == 3


def sections(image: bytes) -> dict[str, int]:
    """For each section of a FIT a length at which the file is cut inside it."""
    return {cut_section(image[:length]): length for length in range(8, len(image), 4)}


@pytest.mark.system(
    about="A truncated image is refused in one line, wherever it is cut.",
    agency={"overlays": ["vdummy-be-on"]},
    mes=[{"name": "alpha", "overlays": ["vdummy-fe-on"]}],
)
def test_image_truncated_at_each_section(system: Context, agency: Agency) -> None:
    image = system.prepared.mes["alpha"].file.read_bytes()
    verify(image)
    cuts = sections(image)
    assert len(cuts) >= 8, cuts
    for section, length in cuts.items():
        limit = Deadline.after(20, f"injection of an image cut in its {section}")
        command = f"head -c {length} /mnt/ME/alpha.itb >/tmp/cut.itb; injector /tmp/cut.itb"
        result = agency.shell.run(command, limit)
        said = [line for line in result.output.splitlines() if line.startswith("injector: ")]
        assert (result.status, len(said)) == (1, 1), (section, result.output)
        assert said[0].startswith("injector: /tmp/cut.itb: "), section

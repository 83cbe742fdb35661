# SPDX-License-Identifier: GPL-2.0-only
"""What people write who do not know the format yet, and the one line that helps them on."""

from pathlib import Path

import pytest

from harness.errors import SchemaError
from harness.scenario.schema import read

HEAD = """\
about: x
agency: {overlays: [vdummy-be-on]}
mes:
  - {name: alpha, overlays: [vdummy-fe-on]}
steps:
  - inject: alpha
"""
# A step behind HEAD, in line 7.
STEPS = {
    "send: {me: alpa, count: 1}": "steps[1].send.me: no ME 'alpa' in this scenario; did you mean 'alpha'?",
    "send: {me: alpha, count: many}":
        "expected an integer from 1 to 1000000000, found the text 'many'; 'python3 -m harness steps send'",
    "send:": "send: expected a mapping, found nothing; 'python3 -m harness steps send' tells what it takes",
    "": "a '-' without a step; write one behind it, or remove it",
    "conected: alpha/vdummy": "unknown step 'conected'; did you mean 'expect.connected'?",
    "expect.connected: vdummy/alpha": "expected a link as ME/TYPE, found the text 'vdummy/alpha'; "
                                      "did you mean alpha/vdummy?",
    "expect.connected: {links: [alpha/vdummy], within: 5}":
        "within: expected a duration with unit, found an integer '5'; did you mean 5s?",
    "expect.connected: {links: [alpha/vdummy], within: 5 seconds}":
        "found the text '5 seconds'; for instance 500ms, 10s, 2m or 1h",
    "send: {me: alpha, count: 1}\n    sent: alpha":
        "steps[1]: expected exactly one key, found 2: send, sent; each of them begins with '- ' of its own",
    "repeat: {times: 2, steps: [{send: {me: alpha, cuont: 1}}]}":
        "send: unknown key 'cuont'; did you mean 'count'?",
}
# A whole scenario, and the line of the mistake.
FILES = {
    "about: x\nsteps:\n\t- boot\n": ":3: malformed YAML: while scanning for the next token, found character "
                                     "'\\t' that cannot start any token; indent with spaces, not with a tab",
    "about: to: be\nsteps: [boot]\n": ":1: malformed YAML: mapping values are not allowed here; "
                                      "text with a colon and a space in it needs quotes",
    "about: x\nsteps:\n  - boot\n - run: x\n": ":4: malformed YAML: while parsing a block mapping, expected "
                                               "<block end>, but found '<block sequence start>'; look at the",
    "about: x\ntags: smoke\nsteps: [boot]\n": ":2: s.tags: expected a list, found the text 'smoke'; "
                                              "write [smoke]",
    "about: x\nagency: {overlays: [mine/x.dtso]}\nsteps: [boot]\n": "; there is nothing in ",
}


def told(folder: Path, text: str) -> str:
    (folder / "s.yaml").write_text(text)
    with pytest.raises(SchemaError) as caught:
        read(folder / "s.yaml")
    return str(caught.value)


@pytest.mark.parametrize("step", STEPS)
def test_in_a_step(step: str, tmp_path: Path) -> None:
    line = told(tmp_path, f"{HEAD}  - {step}\n")
    assert line.startswith(f"{tmp_path}/s.yaml:7: ")
    assert STEPS[step] in line


@pytest.mark.parametrize("text", FILES)
def test_elsewhere(text: str, tmp_path: Path) -> None:
    assert FILES[text] in told(tmp_path, text)

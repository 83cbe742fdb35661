# SPDX-License-Identifier: GPL-2.0-only
"""Taking away from scenarios: what is left is needed, and what cannot be read is never tested."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import SchemaError
from harness.repro.reduce import Enough, Reducer, count_steps, without_me
from harness.repro.values import dumped, scenario_text, values_of
from harness.scenario.schema import read

SCENARIO = """\
about: For a test.
tags: [links]
agency: {overlays: [vdummy-be-on, vuart-be-on], append: quiet}
mes:
  - {name: alpha, overlays: [vdummy-fe-on], spid: 0x10}
  - {name: beta, overlays: [vdummy-fe-on, vuart-fe-on]}
  - gamma
steps:
  - inject: [alpha, beta]
  - inject: gamma
  - expect.connected: [alpha/vdummy, beta/vdummy]
  - run: {on: alpha, command: help}
  - repeat:
      times: 20
      steps:
        - send: {me: beta, count: 1000, window: 8}
        - suspend: beta
        - resume: beta
        - send: {me: [alpha, beta], count: 500}
  - kill: gamma
  - expect.store:
      - {path: "backend/vdummy/{alpha}/0/state", equals: 0x4}
      - {path: "device/{beta}/vdummy/0/state", equals: 4}
  - expect.links: [alpha/vdummy, beta/vdummy]
  - kill: alpha
"""
Values = dict[str, Any]


def values(text: str = SCENARIO) -> Values:
    return values_of(text, Path("s.yaml"))


def readable(folder: Path, candidate: Values) -> bool:
    (folder / "s.yaml").write_text(scenario_text(candidate))
    try:
        read(folder / "s.yaml")
    except SchemaError:
        return False
    return True


def reduced(folder: Path, fails: Callable[[str], bool], failing_step: int | None = None) -> str:
    def test(candidate: Values) -> bool:
        return readable(folder, candidate) and fails(scenario_text(candidate))

    text = scenario_text(Reducer(values(), test).run(failing_step))
    return text.partition("about: For a test.\n")[2]


def test_a_scenario_written_again_is_the_same(tmp_path: Path) -> None:
    text = scenario_text(values())
    assert values(text) == values()
    assert readable(tmp_path, values())
    assert "run: {'on': alpha, command: help}" in text or "run: {on: alpha, command: help}" in text
    assert "equals: 0x4}" in text


def test_other_yaml_keeps_how_it_is_written() -> None:
    text = "a: 0x10\nb: ~\nc: [1.50, 007, 'on', on, true]\nd: {e: '12', f: 12}\n"
    assert values(dumped(values(text))) == values(text)
    assert "0x10" in dumped(values(text))
    assert "[1.50, 007, 'on', on, true]" in scenario_text(values(text))


def test_one_step_that_matters(tmp_path: Path) -> None:
    assert reduced(tmp_path, lambda text: "resume: beta" in text and "expect.links" in text) == (
        "mes:\n  - {name: beta}\nsteps:\n  - resume: beta\n  - expect.links: []\n")


def test_what_follows_the_failure_goes_at_once(tmp_path: Path) -> None:
    tested = []

    def fails(text: str) -> bool:
        tested.append(text)
        return "send" in text

    reduced(tmp_path, fails, failing_step=4)
    assert "expect.store" not in tested[0]
    assert "repeat" in tested[0]


def test_an_overlay_a_base_key_and_a_count(tmp_path: Path) -> None:
    def fails(text: str) -> bool:
        found = values(text)
        mes = {me["name"]: me for me in found["mes"] if isinstance(me, dict)}
        sends = [step["send"] for step in found["steps"] if isinstance(step, dict) and "send" in step]
        return "vuart-fe-on" in str(mes.get("beta")) and any(send["count"] > 77 for send in sends)

    assert reduced(tmp_path, fails) == (
        "mes:\n  - {name: beta, overlays: [vuart-fe-on]}\nsteps:\n  - send: {me: beta, count: 78}\n")


def test_a_loop_that_matters_is_kept_as_short_as_can_be(tmp_path: Path) -> None:
    def fails(text: str) -> bool:
        steps = [step for step in values(text)["steps"] if isinstance(step, dict)]
        loops = [step["repeat"] for step in steps if "repeat" in step]
        return any(loop["times"] >= 3 and "suspend" in str(loop["steps"]) for loop in loops)

    assert reduced(tmp_path, lambda text: fails(text) and "expect.links" in text) == (
        "mes:\n  - {name: beta}\nsteps:\n  - repeat:\n      times: 3\n      steps:\n        - suspend: beta\n"
        "  - expect.links: []\n")


def test_numbers_that_are_no_counts_stay(tmp_path: Path) -> None:
    assert "equals: 4}" in reduced(tmp_path, lambda text: "device/{beta}" in text)


def test_without_an_me_nothing_names_it() -> None:
    left = without_me(values(), "beta")
    assert "beta" not in scenario_text(left)
    assert count_steps(left["steps"]) == count_steps(values()["steps"]) - 3
    assert {"send": {"me": ["alpha"], "count": 500}} in left["steps"][4]["repeat"]["steps"]


def test_each_candidate_is_tested_once_and_the_end_comes_early(tmp_path: Path) -> None:
    seen = []

    def test(candidate: Values) -> bool:
        seen.append(scenario_text(candidate))
        if len(seen) == 9:
            raise Enough
        return "kill: alpha" in seen[-1]

    reducer = Reducer(values(), test)
    with pytest.raises(Enough):
        reducer.run()
    assert len(set(seen)) == len(seen) == reducer.tries == 9
    assert "kill: alpha" in scenario_text(reducer.best)


def test_steps_are_counted_inside_of_loops() -> None:
    assert count_steps(values()["steps"]) == 12

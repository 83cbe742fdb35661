# SPDX-License-Identifier: GPL-2.0-only
"""The scenarios of refused arrows can fail: a store and a frontend that let everything pass are found."""

from collections.abc import Callable

from harness.outcome import Verdict
from harness.scenario.result import Result

RunText = Callable[[str], Result]

_BACK = """
about: A backend goes from Initialising to Suspending.
images: ref-virt64-faults
agency: {{overlays: [vdummy-be-on], fault: be-hold}}
mes:
  - {{name: alpha, overlays: [vdummy-fe-on]{fault}}}
steps:
  - inject: {{me: alpha, settle: false}}
  - expect.violation: {{rule: domain.state_early}}
  - run: {{on: agency, command: "echo backend/vdummy/2/0/state 9 >/sys/kernel/debug/soo/force"}}
  - expect.violation: {{rule: state.illegal_transition}}
  - expect.console:
      console: alpha
      contains: "[vdummy] backend state 9 after 1 in own state 1: refused"
      within: 3s
"""
_FRONT = """
about: A frontend goes from Initialising to Connected.
images: ref-virt64-faults
agency: {{overlays: [vdummy-be-on]{fault}}}
mes:
  - {{name: alpha, hostile: true}}
steps:
  - inject: alpha
  - run:
      on: alpha
      command: "puppet make:1 probe wait:2 state:4"
      status: 1
      contains: "puppet: state:4: error -1"
"""


def test_a_frontend_refuses(run_text: RunText) -> None:
    assert run_text(_BACK.format(fault="")).verdict is Verdict.PASS


def test_a_frontend_that_believes_everything_is_found(run_text: RunText) -> None:
    result = run_text(_BACK.format(fault=", fault: fe-believes-all"))
    assert (result.verdict, result.rules[0]) == (Verdict.FAIL, "console.text"), result.reason


def test_the_store_refuses(run_text: RunText) -> None:
    assert run_text(_FRONT.format(fault="")).verdict is Verdict.PASS


def test_a_store_that_lets_every_arrow_pass_is_found(run_text: RunText) -> None:
    result = run_text(_FRONT.format(fault=", fault: fe-arrow-unchecked"))
    assert (result.verdict, result.rules[0]) == (Verdict.FAIL, "state.fe_connected_before_be"), result.reason

# SPDX-License-Identifier: GPL-2.0-only
"""`--junitxml`: pytest's report, with the cause of each failure where CI pages show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.junit import improve


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After pytest has written its file, in the process that writes it."""
    file = session.config.getoption("xmlpath", None)
    if file and not hasattr(session.config, "workerinput") and Path(file).is_file():
        improve(Path(file))

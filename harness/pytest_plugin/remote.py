# SPDX-License-Identifier: GPL-2.0-only
"""A worker on another host: a pytest session that runs the items that come over an execnet channel.

The far end is `harness.pytest_plugin.hosts`. Before the session, the worker tells what it is; then it
gets an order with the arguments of the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from execnet.gateway_base import Channel

from harness.cache import elsewhere
from harness.hosts.checkout import digests
from harness.hosts.parcel import pack
from harness.hosts.share import fetch
from harness.images.store import know
from harness.pytest_plugin.items import FOLDER, row_of
from harness.pytest_plugin.queue import Worker
from harness.schedule.amount import host_total

BOOT = """
import os, sys
sys.path.insert(0, os.getcwd())
from harness.pytest_plugin.remote import serve
serve(channel)
"""


def serve(channel: Channel) -> None:
    """What a gateway executes: tell what is here, and run one session."""
    channel.send(("here", digests(Path.cwd()), host_total().cores))
    order = channel.receive()
    share = order["share"]
    elsewhere.ask(lambda key, folder: fetch(share, key, folder))
    know(order["keys"])
    pytest.main(order["arguments"], plugins=[Remote(channel, order["input"])])


class Remote:
    """The plugin of that session. To `Worker` it is what xdist's own end of the wire is.

    :param given: what xdist calls `workerinput`.
    """

    def __init__(self, channel: Channel, given: Mapping[str, Any]) -> None:
        self.channel = channel
        self.item_index = -1
        self._given = given

    def sendevent(self, name: str, **values: object) -> None:
        """Tell the controller."""
        self.channel.send((name, values))

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        self._config = config
        config.workerinput = self._given  # type: ignore[attr-defined]
        config.workeroutput = {}  # type: ignore[attr-defined]

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        # Only the controller has a terminal.
        session.config.pluginmanager.unregister(name="terminalreporter")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.sendevent("collected", ids=[item.nodeid for item in session.items])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.sendevent("broken", text=f"{report.nodeid}: {report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        self.sendevent("broken", text=str(excrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        Worker(self, session).run()
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = row_of(report)
        folder = str(dict(report.user_properties).get(FOLDER, ""))
        if row is not None and row.exit_status and folder:
            self.sendevent("folder", path=folder, files=pack(Path(folder)))
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self.sendevent("report", data=data)

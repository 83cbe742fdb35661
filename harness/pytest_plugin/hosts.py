# SPDX-License-Identifier: GPL-2.0-only
"""`--hosts`: the items of a session are run by workers on several hosts, over execnet.

This session collects, orders and reports as any other; only its loop is another one. The queue is that of
`harness.pytest_plugin.queue`. A worker that dies is not replaced: the others take over.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import execnet
import pytest

from harness.cache.store import Cache
from harness.errors import HarnessError, HostError, UsageError
from harness.hosts.checkout import digests, first_difference
from harness.hosts.parcel import Parcel, unpack
from harness.hosts.share import serve
from harness.hosts.spec import Host, parse_hosts
from harness.outcome import Verdict
from harness.pytest_plugin.lost import Lost, lost_for_good
from harness.pytest_plugin.order import name_and_images, worker_input
from harness.pytest_plugin.queue import Queue
from harness.pytest_plugin.remote import BOOT
from harness.pytest_plugin.session import KEY

_END_S = 10
_WITH_VALUE = ("--hosts", "--results", "--junitxml", "--junit-xml", "-n", "--numprocesses", "--seed")
# A worker has imported the plugin before pytest could rewrite its assertions, of which it has none.
_FOR_WORKERS = ("-p", "no:xdist", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")

Event = tuple[str, dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("soo").addoption(
        "--hosts", type=_hosts, metavar="HOSTS",
        help="run on these hosts: name,name or a file with 'name workers=N folder=DIR python=FILE cache=DIR' "
             "a line; 'local' is this one")


def _hosts(text: str) -> tuple[Host, ...]:
    try:
        return parse_hosts(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """In place of pytest's own loop."""
    hosts = session.config.getoption("--hosts")
    if not hosts or session.config.option.collectonly or hasattr(session.config, "workerinput"):
        return None
    if session.config.getoption("dist", "no") != "no":
        pytest.exit("harness: --hosts has workers of its own: leave -n and --dist out", returncode=2)
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    group = execnet.Group()
    try:
        _Loop(session, group).run(hosts)
    except HarnessError as error:
        pytest.exit(f"harness: {error}", returncode=error.exit_status)
    finally:
        group.terminate(timeout=_END_S)
    return True


@contextmanager
def _told(host: Host) -> Iterator[None]:
    """Turn what execnet raises into one line about the host."""
    try:
        yield
    except execnet.HostNotFound as error:
        raise HostError("ssh does not reach it", where=f"host {host.name}",
                        hint=f"try 'ssh {host.name} true'; nor is there a file {host.name}") from error
    except (OSError, EOFError, execnet.RemoteError) as error:
        last = str(error).strip().rpartition("\n")[2]
        raise HostError(f"no worker can be started: {last}", where=f"host {host.name}",
                        hint="try 'ssh' to it, and see folder= and python=") from error


class _Node:
    """A worker, as the queue sees it."""

    def __init__(self, gateway: execnet.Gateway, channel: execnet.Channel) -> None:
        self.gateway = gateway
        self.channel = channel
        self.shutting_down = False
        self._workerinfocache = f"worker {gateway.id}"  # what pytest puts over a failure

    def send_runtest_some(self, indices: list[int]) -> None:
        """Hand items over."""
        self._send("runtests", {"indices": indices})

    def shutdown(self) -> None:
        """There is nothing more to be done."""
        if not self.shutting_down:
            self._send("shutdown", {})
            self.shutting_down = True

    def _send(self, name: str, values: dict[str, Any]) -> None:
        try:
            self.channel.send((name, values))
        except OSError:
            self.shutting_down = True  # its end is on the way to us as an event


class _Loop:
    def __init__(self, session: pytest.Session, group: execnet.Group) -> None:
        self._session = session
        self._config = session.config
        self._group = group
        self._events: SimpleQueue[tuple[_Node, Event | None]] = SimpleQueue()
        self._queue = Queue(1)
        self._ids = [item.nodeid for item in session.items]
        self._keys = _keys(session)

    def run(self, hosts: tuple[Host, ...]) -> None:
        """Start the workers and serve them until all is done.

        :raise HostError: a host cannot be used
        """
        if not self._ids:
            return
        self._start(hosts)
        while not self._queue.tests_finished and self._queue.nodes:
            node, event = self._events.get()
            if event is None:
                self._gone(node)
            else:
                getattr(self, f"_on_{event[0]}")(node, **event[1])
            if self._session.shouldfail:
                raise self._session.Failed(self._session.shouldfail)
        for node in self._queue.nodes:
            node.shutdown()
        for index in self._queue.left():
            self._report(lost_for_good(self._ids[index], "no worker is left", Verdict.ERROR), None)

    def _start(self, hosts: tuple[Host, ...]) -> None:
        """All workers, side by side; the first one of a host tells how many there should be."""
        here = digests(Path.cwd())
        first = [(host, self._open(host, 1)) for host in hosts]
        others = []
        for host, node in first:
            there, cores = self._answer(host, node)
            different = first_difference(here, there)
            if different is not None:
                raise UsageError(f"{different} is not the same there as here", where=f"host {host.name}",
                                 hint="bring its folder to the same state, or name another with folder=")
            others += [(host, self._open(host, number)) for number in range(2, (host.workers or cores) + 1)]
            self._order(host, node)
        for host, node in others:
            self._answer(host, node)
            self._order(host, node)

    def _open(self, host: Host, number: int) -> _Node:
        with _told(host):
            gateway = self._group.makegateway(host.gateway(number))
            return _Node(gateway, gateway.remote_exec(BOOT))

    def _answer(self, host: Host, node: _Node) -> tuple[dict[str, str], int]:
        with _told(host):
            _, there, cores = node.channel.receive()
        return there, cores

    def _order(self, host: Host, node: _Node) -> None:
        """Let a worker collect; from now on what it says comes as an event."""
        share = node.gateway.newchannel()
        arguments = self._arguments()
        node.channel.send({"arguments": arguments, "share": share, "input": worker_input(self._config),
                           "keys": self._keys})
        share.setcallback(serve(Cache(), share, lambda key: self._tell(f"{key} goes to {host.name}")))
        node.channel.setcallback(lambda event: self._events.put((node, event)), endmarker=None)
        self._queue.add_node(node)

    def _tell(self, line: str) -> None:
        self._config.stash[KEY].tell(f"harness: {line}")

    def _arguments(self) -> list[str]:
        """Ours, without those that are the controller's affair."""
        seed = str(self._config.stash[KEY].options.seed)
        return [*_without(list(map(str, self._config.invocation_params.args))), *_FOR_WORKERS, "--seed", seed]

    def _on_collected(self, node: _Node, ids: list[str]) -> None:
        if ids != self._ids:
            differing = sorted(set(ids) ^ set(self._ids)) or ["the order"]
            raise HostError(f"it collects other scenarios: {', '.join(differing[:3])}",
                            where=f"worker {node.gateway.id}")
        self._queue.add_node_collection(node, ids)
        self._queue.schedule()

    def _on_broken(self, node: _Node, text: str) -> None:
        raise HostError(f"it cannot run: {text.strip().rpartition(chr(10))[2]}",
                        where=f"worker {node.gateway.id}")

    def _on_unscheduled(self, node: _Node, indices: list[int]) -> None:
        self._queue.remove_pending_tests_from_node(node, indices)

    def _on_runtest_protocol_complete(self, node: _Node, item_index: int, duration: float) -> None:
        self._queue.mark_test_complete(node, item_index, duration)

    def _on_report(self, node: _Node, data: dict[str, Any]) -> None:
        self._report(self._config.hook.pytest_report_from_serializable(config=self._config, data=data), node)

    def _on_folder(self, node: _Node, path: str, files: Parcel) -> None:
        """What a failed run has left there comes to the place here that its report names."""
        if not Path(path).exists():
            unpack(files, Path(path))

    def _report(self, report: pytest.TestReport, node: _Node | None) -> None:
        if node is not None:
            report.node = node  # type: ignore[attr-defined]
            report.user_properties.append(("worker", node.gateway.id))
        self._config.hook.pytest_runtest_logreport(report=report)

    def _gone(self, node: _Node) -> None:
        if node not in self._queue.nodes:
            return
        node.shutting_down = True
        self._tell(f"worker {node.gateway.id} is gone")
        item = self._queue.remove_node(node)
        if item is not None:
            report = lost_for_good(item, f"worker {node.gateway.id} died while it ran")
            report.node = node  # type: ignore[attr-defined]
            plugins = self._config.pluginmanager.get_plugins()
            lost = next(plugin for plugin in plugins if isinstance(plugin, Lost))
            lost.pytest_handlecrashitem(crashitem=item, report=report, sched=self._queue)
            self._report(report, node)


def _keys(session: pytest.Session) -> dict[str, str]:
    """Keys of the image sets that the session's scenarios need, as far as they are built from sources."""
    shared = session.config.stash[KEY]
    keys = {}
    for name in sorted({found[1] for item in session.items if (found := name_and_images(item)) is not None}):
        with suppress(HarnessError):  # the scenario tells, where it runs
            built = shared.images(name).built
            if built is not None:
                keys[name] = built.name
    return keys


def _without(arguments: list[str]) -> Iterator[str]:
    """The arguments of a session but those that only its controller understands."""
    words = iter(arguments)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif not word.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            yield word

# SPDX-License-Identifier: GPL-2.0-only
"""One queue for all workers of xdist: each gets its next item when it is done with the last one.

xdist's own schedulers hand out two items at least, since its worker wants to know the next item before it
runs one: pytest tears down what the next one does not use. So an item that waits behind a long one waits
for it, though other workers are idle. Our worker asks for the next item at the moment of tear-down, when
the last one has had its verdict. It asks by xdist's event `unscheduled` with no items in it, and gets an
item, or `NOTHING` if there is none for now: others may still give back what they cannot finish.

Used in place of `--dist load`, which is what `-n` stands for; other distributions are left to xdist.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from _pytest.nodes import Node

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

NOTHING = -1
END = -2
_OURS = "load"
_FLAG = "soo_queue"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Queue | None:
    """xdist asks for a scheduler, in the controller."""
    if config.getvalue("dist") != _OURS:
        return None
    from xdist.workermanage import parse_tx_spec_config

    return Queue(len(parse_tx_spec_config(config)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """A worker does not see the option itself."""
    node.workerinput[_FLAG] = node.config.getvalue("dist") == _OURS


class Queue:
    """A scheduler as xdist wants it: the queue, and who runs what.

    :param workers: how many are waited for before the first item is handed out.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._collected: dict[WorkerController, list[str]] = {}
        self._running: dict[WorkerController, list[int]] = {}
        self._idle: list[WorkerController] = []
        self._queue: deque[int] | None = None

    @property
    def nodes(self) -> list[WorkerController]:
        """All workers."""
        return list(self._running)

    @property
    def collection_is_completed(self) -> bool:
        """Whether enough workers have collected."""
        return self._queue is not None or len(self._collected) >= self._workers

    @property
    def has_pending(self) -> bool:
        """Whether something is left to be done, now or by somebody."""
        return bool(self._queue) or any(self._running.values())

    @property
    def tests_finished(self) -> bool:
        """Whether all has been done."""
        return self._queue is not None and not self.has_pending

    def left(self) -> list[int]:
        """What nobody has begun, or nobody is left to end."""
        return list(self._queue or ())

    def add_node(self, node: WorkerController) -> None:
        """A worker has started."""
        self._running[node] = []

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected; the workers must agree, for they are told numbers of items."""
        first = next(iter(self._collected.values()), list(collection))
        if list(collection) != first:
            differing = sorted(set(collection) ^ set(first)) or ["the order"]
            raise pytest.UsageError(f"workers differ in what they collected: {', '.join(differing[:3])}")
        self._collected[node] = list(collection)

    def schedule(self) -> None:
        """All have collected, or one more has."""
        if self._queue is None:
            self._queue = deque(range(len(next(iter(self._collected.values())))))
        for node in self._collected:
            if node in self._running and not self._running[node]:
                self._serve(node)

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> None:
        """A worker asks for its next item."""
        self._serve(node)

    def _serve(self, node: WorkerController) -> None:
        """The next item for a worker; it is told if there is none for now."""
        assert self._queue is not None
        if node.shutting_down:
            return
        if self._queue:
            self._running[node].append(self._queue.popleft())
            node.send_runtest_some([self._running[node][-1]])
        elif node not in self._idle:
            self._idle.append(node)
            node.send_runtest_some([NOTHING])

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A worker is done with an item."""
        self._running[node].remove(item_index)

    def mark_test_pending(self, item: str) -> None:
        """An item has to be run again: it comes next."""
        assert self._queue is not None
        self._queue.appendleft(next(iter(self._collected.values())).index(item))
        self._wake()

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone; what it was running, if anything. What it had not begun goes back."""
        running = self._running.pop(node)
        if node in self._idle:
            self._idle.remove(node)
        if not running:
            return None
        assert self._queue is not None
        self._queue.extendleft(reversed(running[1:]))
        self._wake()
        return self._collected[node][running[0]]

    def _wake(self) -> None:
        """Idle workers take what has come back."""
        while self._queue and self._idle:
            self._serve(self._idle.pop(0))


class Wire(Protocol):
    """A worker's end of the connection: xdist's, or `harness.pytest_plugin.remote.Remote`."""

    channel: Any
    item_index: int

    def sendevent(self, name: str, **values: object) -> None:
        """Tell the controller."""


class Worker:
    """A worker's side: numbers of items as they come from the controller."""

    def __init__(self, wire: Wire, session: pytest.Session) -> None:
        self._wire = wire
        self._session = session
        self._come: SimpleQueue[int] = SimpleQueue()
        wire.channel.setcallback(self._take, endmarker=("shutdown", {}))

    def _take(self, order: tuple[str, dict[str, list[int]]]) -> None:
        """In a thread of execnet: an order of the controller, or the end of the connection."""
        name, arguments = order
        for index in arguments["indices"] if name == "runtests" else [END]:
            self._come.put(index)

    def run(self) -> None:
        """Run what comes until the controller ends it, or the session is to stop."""
        index = self._come.get()
        while index != END and not (self._session.shouldfail or self._session.shouldstop):
            index = self._come.get() if index == NOTHING else self._one(index)

    def _one(self, index: int) -> int:
        """Run one item; the number of the next."""
        self._wire.item_index = index
        item = self._session.items[index]
        upcoming = Next(self)
        # pytest looks at nothing but `listchain` of the next item.
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=upcoming)
        self._wire.sendevent("runtest_protocol_complete", item_index=index, duration=0.0)
        return upcoming.index()

    def ask(self) -> int:
        """Number of the next item, `NOTHING` or `END`."""
        self._wire.sendevent("unscheduled", indices=[])
        return self._come.get()

    def chain(self, index: int) -> list[Node]:
        """What an item needs."""
        return self._session.items[index].listchain() if index >= 0 else []


class Next:
    """Stands for the next item while one runs: asks which it is when pytest tears down."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._index: int | None = None

    def index(self) -> int:
        """Its number; asked for once."""
        if self._index is None:
            self._index = self._worker.ask()
        return self._index

    def listchain(self) -> list[Node]:
        """What stays set up for it; nothing if there is none, or none for now."""
        return self._worker.chain(self.index())


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """The loop of a worker, if the controller has our queue."""
    if not getattr(session.config, "workerinput", {}).get(_FLAG, False):
        return None
    wire = next(plugin for plugin in session.config.pluginmanager.get_plugins()
                if type(plugin).__name__ == "WorkerInteractor")
    Worker(wire, session).run()
    return True

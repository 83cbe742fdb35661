# SPDX-License-Identifier: GPL-2.0-only
"""What all items of a pytest session share: options, image sets, and a way past pytest's capture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.cache.store import Cache
from harness.debug import holding
from harness.debug.door import Door
from harness.images.manifest import features, find, manifest_files
from harness.images.store import ImageSet, ensure
from harness.scenario.context import Context, Opener
from harness.scenario.result import Options
from harness.schedule.admission import tell_by
from harness.terminal import attach


class Session:
    """Options and image sets of one pytest session.

    Image sets are built when the first item that needs one is set up, so outside a scenario's clock.
    """

    def __init__(self, options: Options, config: pytest.Config) -> None:
        self.options = options
        self._config = config
        self._sets: dict[str, ImageSet] = {}
        self._features: set[str] | None = None
        tell_by(lambda line: self.tell(f"harness: {line}"))

    def image_names(self) -> list[str]:
        """Names of all image sets that a scenario may ask for."""
        return list(manifest_files(self.options.images_dirs))

    def features(self) -> set[str]:
        """What a scenario may require: all that any image set has; read when it is first asked for."""
        if self._features is None:
            self._features = features(self.options.images_dirs)
        return self._features

    def images(self, name: str) -> ImageSet:
        """The image set of a scenario that names `name`, built if need be.

        :raise HarnessError: no such set, or it cannot be built.
        """
        name = self.options.set_for(name)
        if name not in self._sets:
            manifest = find(name, self.options.images_dirs)
            self._sets[name] = ensure(manifest, Cache(progress=self.tell), self.tell)
        return self._sets[name]

    def keeper(self) -> Callable[[Context], None] | None:
        """What to do with a failing machine before it is stopped; None: nothing."""
        if self.options.pause:
            return lambda ctx: holding.pause(ctx, self.tell)
        return self._attach if self.options.keep else None

    def opener(self) -> Opener | None:
        """What surrounds the steps; None: nothing."""
        return (lambda ctx: holding.for_gdb(ctx, self.tell)) if self.options.gdb else None

    def _attach(self, ctx: Context) -> None:
        """Give the user the console; deadlines stand still, for nobody waits for the guest meanwhile."""
        ctx.machine.forgive()
        with self._uncaptured():
            print(f"\nharness: {ctx.scenario.name} has failed; its machine is kept", file=sys.stderr)
            if not sys.stdin.isatty():
                print("harness: no terminal to attach; run with --keep in one", file=sys.stderr)
                return
            with Door(ctx):
                attach(list(ctx.machine.consoles.values()), first=ctx.images.manifest.boot.console,
                       echo=ctx.images.manifest.silent_consoles)

    def tell(self, line: str) -> None:
        """One line to the person, past pytest's capture."""
        with self._uncaptured():
            print(line, file=sys.stderr, flush=True)

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        """Give the terminal back for a while; without a terminal plugin there is nothing to give."""
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture is None:
            yield
            return
        capture.suspend(in_=True)
        try:
            yield
        finally:
            capture.resume()


KEY = pytest.StashKey[Session]()

# SPDX-License-Identifier: GPL-2.0-only
"""Image sets with a recipe: when it runs, when not, and what happens if it does not keep its word."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.cache.store import Cache, Progress
from harness.errors import HostError
from harness.images import store
from harness.images.manifest import Manifest, find
from harness.images.recipes import RECIPES

SET = """\
about: Built by the recipe of this test.
recipe: pretended
options: {fast: true}
artifacts: {kernel: {build: image}}
machine: {binary: qemu-system-arm, machine: virt, kernel: kernel}
consoles: [{name: uart, prompt: '> '}]
boot: {console: uart}
"""


class Pretended:
    """A recipe whose one source is a text, which may be edited while it is built."""

    outputs: tuple[str, ...] = ("image", "versions.json")
    options: tuple[str, ...] = ("fast",)

    def __init__(self) -> None:
        self.source = 1
        self.edits = 0
        self.forgets_image = False
        self.builds = 0
        self.forgotten = False

    def inputs(self, options: Mapping[str, bool], cache: Cache, progress: Progress) -> dict[str, str]:
        return {"source": str(self.source), "fast": str(options.get("fast"))}

    def build(self, out: Path, options: Mapping[str, bool], cache: Cache, progress: Progress) -> None:
        self.builds += 1
        (out / "versions.json").write_text('{"source": "one"}')
        if not self.forgets_image:
            (out / "image").write_text(str(self.source))
        if self.edits:
            self.edits -= 1
            self.source += 1

    def forget(self, cache: Cache) -> None:
        self.forgotten = True


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    pretended = Pretended()
    assert isinstance(RECIPES, dict)
    monkeypatch.setitem(RECIPES, "pretended", pretended)
    return pretended


@pytest.fixture
def manifest(recipe: Pretended, tmp_path: Path) -> Manifest:
    (tmp_path / "mine.yaml").write_text(SET)
    return find("mine", [tmp_path])


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_built_once_for_one_content(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    first = store.ensure(manifest, cache)
    assert first.path("kernel").read_text() == "1"
    assert first.versions == {"source": "one"}
    assert store.ensure(manifest, cache) == first
    assert recipe.builds == 1
    recipe.source = 2
    second = store.ensure(manifest, cache)
    assert second.key != first.key
    assert second.path("kernel").read_text() == "2"


def test_an_edit_during_the_build_is_noticed(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    recipe.edits = 1
    told: list[str] = []
    assert store.ensure(manifest, cache, told.append).path("kernel").read_text() == "2"
    assert "sources of mine changed while they were built: once more" in told
    assert len(cache.keys()) == 1


def test_sources_that_never_rest(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    recipe.edits = 99
    with pytest.raises(HostError, match="sources of mine change all the time; stop editing"):
        store.ensure(manifest, cache)
    assert cache.keys() == []


def test_a_recipe_that_forgets_an_output(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    recipe.forgets_image = True
    with pytest.raises(HostError, match="recipe 'pretended' has not made image"):
        store.ensure(manifest, cache)
    assert cache.keys() == []


def test_verify_looks_and_does_not_build(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    assert store.verify(manifest, cache)[0].endswith("it was never built")
    assert recipe.builds == 0
    kernel = store.ensure(manifest, cache).path("kernel")
    assert store.verify(manifest, cache) == []
    kernel.write_text("x")
    assert store.verify(manifest, cache)[0].endswith("image: content differs")
    assert store.ensure(manifest, cache).path("kernel").read_text() == "1"
    assert recipe.builds == 2


def test_refresh_asks_the_recipe(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    store.refresh(manifest, cache)
    assert recipe.forgotten


def test_old_results_go(manifest: Manifest, recipe: Pretended, cache: Cache) -> None:
    for number in range(20):
        recipe.source = number
        store.ensure(manifest, cache)
    assert 1 < len(cache.keys()) < 20

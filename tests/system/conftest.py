# SPDX-License-Identifier: GPL-2.0-only
"""What system tests share: image sets, caches, and scenarios written into a test's own folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cache.store import ROOT_VARIABLE, default_root
from harness.images.manifest import find
from harness.images.store import ImageSet, ensure
from harness.scenario.result import Options, Result
from harness.scenario.runner import run_scenario
from harness.scenario.schema import read

RunText = Callable[..., Result]


@pytest.fixture(scope="session")
def images() -> Callable[[str], ImageSet]:
    """Image sets by name, each ensured once."""
    found: dict[str, ImageSet] = {}

    def get(name: str) -> ImageSet:
        if name not in found:
            found[name] = ensure(find(name))
        return found[name]

    return get


@pytest.fixture
def run_text(tmp_path: Path, images: Callable[[str], ImageSet]) -> RunText:
    """Runs a scenario that is given as text; its run folder is in the test's own folder."""

    def run(text: str, *, cold: bool = False, seed: int = 7, deterministic: bool = False,
            record: bool = False) -> Result:
        path = tmp_path / "scenario.yaml"
        path.write_text(text)
        scenario = read(path)
        options = Options(seed=seed, run_root=tmp_path / "runs", cold=cold, deterministic=deterministic,
                          record=record)
        return run_scenario(scenario, images(scenario.images), options)

    return run


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own that has the images of the common one, and no template."""
    root = tmp_path / "cache"
    (root / "entries").mkdir(parents=True)
    for entry in (default_root() / "entries").iterdir():
        if not entry.name.startswith("template-"):
            (root / "entries" / entry.name).symlink_to(entry)
    for name in ("venv", "debs", "apt", "packages"):
        (root / name).symlink_to(default_root() / name)
    monkeypatch.setenv(ROOT_VARIABLE, str(root))
    return root

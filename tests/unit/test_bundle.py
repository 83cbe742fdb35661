# SPDX-License-Identifier: GPL-2.0-only
"""Bundles: the same bytes for the same run, whole after unpacking, and nothing of a hostile one is taken."""

import io
import json
import lzma
import re
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import HostError, UsageError
from harness.images.manifest import find
from harness.images.store import ImageSet, ensure
from harness.outcome import Verdict
from harness.repro.bundle import pack, unpack
from harness.repro.images import images_of
from harness.repro.rebuild import image_set_of, scenario_of
from harness.repro.recipe import read_recipe
from harness.scenario import folder, origin
from harness.scenario.dumped import CORE, FACTS
from harness.scenario.result import Options, Result
from harness.scenario.schema import read
from harness.scenario.timeline import Timeline
from tests.unit.stored_runs import BASE, SCENARIO, stored_run


def bundle(place: Path) -> Path:
    target = place / "b.tar.xz"
    pack(read_recipe(stored_run(place)), target)
    return target


def crafted(place: Path, *members: tarfile.TarInfo) -> Path:
    target = place / "bad.tar.xz"
    with lzma.open(target, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return target


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 1, to: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, to
    entry.size = size if kind == tarfile.REGTYPE else 0
    return entry


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run_dir = stored_run(tmp_path)
    sizes = pack(read_recipe(run_dir), tmp_path / "one")
    shutil.copytree(run_dir, tmp_path / "copy" / run_dir.name)
    pack(read_recipe(tmp_path / "copy" / run_dir.name), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sizes["images"] == len(b"program") + len(b"kernel of an ME")


def test_what_is_made_again_is_left_out_and_the_rest_is_whole(tmp_path: Path) -> None:
    run_dir = stored_run(tmp_path)
    for name in (CORE, FACTS):
        (run_dir / name).write_bytes(b"what the machine had in its memory")
    pack(read_recipe(run_dir), tmp_path / "b")
    recipe = unpack(tmp_path / "b", tmp_path / "there")
    for path in run_dir.rglob("*"):
        twin = recipe.folder / path.relative_to(run_dir)
        if path.is_file():
            assert twin.exists() == (path.name not in ("me.tar", CORE, FACTS)), path
            assert not twin.exists() or twin.read_bytes() == path.read_bytes()
    assert recipe.artifacts["program"].file.read_bytes() == b"program"


def test_it_stands_alone(tmp_path: Path) -> None:
    """Nothing of what the run was made from is there any more."""
    file = bundle(tmp_path)
    for name in ("scenarios", "runs", "mine.yaml", "base.dts", "program.bin", "me.bin"):
        path = tmp_path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    recipe = unpack(file, tmp_path / "there")
    chosen = images_of(recipe, tmp_path / "work", print)
    assert chosen.images.path("program").read_bytes() == b"program"
    manifest = chosen.images.manifest
    assert (manifest.machine.loads[0].address, manifest.boot.deadline, chosen.differs) == (0x40, 30.0, ())
    assert manifest.me is not None
    assert manifest.me.base.read_text() == BASE
    scenario = read(scenario_of(recipe, tmp_path / "work"))
    assert (scenario.name, [step.where.rpartition(":")[2] for step in scenario.steps]) == (
        "links/one", ["9", "10"])
    assert [path.name for me in scenario.mes for path in (*me.overlays, me.base) if path] == [
        "own.dtso", "vdummy-fe-on.dtso", "other.dtb"]


def test_the_set_that_is_here_serves_if_it_is_the_same(tmp_path: Path) -> None:
    recipe = unpack(bundle(tmp_path), tmp_path / "there")
    here = ensure(find("mine", [tmp_path]))
    assert images_of(recipe, tmp_path / "work", print).images.key == here.key
    (tmp_path / "base.dts").write_text(BASE + "/* edited since */\n")
    assert images_of(recipe, tmp_path / "work", print).images.key != here.key


def test_images_that_are_not_there_any_more(tmp_path: Path) -> None:
    run_dir = stored_run(tmp_path)
    (tmp_path / "program.bin").write_bytes(b"edited")
    with pytest.raises(HostError, match=r"program.bin: program is not there any more as it was in the run"):
        pack(read_recipe(run_dir), tmp_path / "b")
    assert not list(tmp_path.glob("b.*"))
    assert not (tmp_path / "b").exists()
    assert images_of(read_recipe(run_dir), tmp_path / "work", print).differs == ("program",)


@pytest.mark.parametrize("hostile", [
    member("/etc/passwd"), member("run/../../outside"), member("../outside"), member("elsewhere/file"),
    member("run/link", tarfile.SYMTYPE, to="/etc"), member("run/link", tarfile.LNKTYPE, to="../x"),
    member("run/fifo", tarfile.FIFOTYPE), member("run/disk", tarfile.BLKTYPE),
    member("run/", tarfile.DIRTYPE),
], ids=lambda entry: f"{entry.name}-{entry.type.decode()}")
def test_a_hostile_bundle(hostile: tarfile.TarInfo, tmp_path: Path) -> None:
    file = crafted(tmp_path, member("run/a"), hostile)
    with pytest.raises(UsageError, match=r"bad.tar.xz: holds '.*', which is refused"):
        unpack(file, tmp_path / "there" / "in")
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"bad.tar.xz", "a"}


def test_one_name_twice(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="cannot unpack: File exists"):
        unpack(crafted(tmp_path, member("run/a"), member("run/a")), tmp_path / "there")


def test_a_blob_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    recipe = unpack(bundle(tmp_path), tmp_path / "there")
    recipe.artifacts["program"].file.write_bytes(b"evil")
    with lzma.open(tmp_path / "evil", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted((tmp_path / "there").rglob("*")):
            if path.is_file():
                archive.add(path, path.relative_to(tmp_path / "there").as_posix())
    with pytest.raises(UsageError, match="program is damaged or missing; make the bundle again"):
        unpack(tmp_path / "evil", tmp_path / "elsewhere")


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_bundle_that_was_cut(cut: int, tmp_path: Path) -> None:
    file = bundle(tmp_path)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(UsageError, match="is no bundle, or a damaged one"):
        unpack(file, tmp_path / "there")


@pytest.mark.parametrize(("break_it", "message"), [
    ("result.json", "is no folder of a finished run: it has no result.json; name one of build/runs"),
    ("origin.json", "this run has not kept what it was made from: it has no origin.json"),
    ("scenario.yaml", "its files do not fit together"),
    ("origin/own.dtso", "its files do not fit together: no file origin/own.dtso"),
])
def test_no_folder_of_a_run(break_it: str, message: str, tmp_path: Path,
                            capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = stored_run(tmp_path)
    (run_dir / break_it).unlink()
    for command in ("bundle", "repro"):
        assert main([command, str(run_dir)]) == 2
        assert f"{run_dir}: {message}" in capsys.readouterr().err


def test_the_command_says_sizes_and_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_dir = stored_run(tmp_path, verdict=Verdict.PASS)
    target = tmp_path / "x.tar.xz"
    assert main(["bundle", str(run_dir), "-o", str(target)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{target}: 0.0 MB; run 0.0 MB, images 0.0 MB before packing")
    assert second == f"reproduce  python3 -m harness repro {target}"


def test_scenario_text_keeps_its_lines(tmp_path: Path) -> None:
    recipe = read_recipe(stored_run(tmp_path))
    text = scenario_of(recipe, tmp_path / "work").read_text()
    assert len(text.splitlines()) == len(SCENARIO.splitlines())


@pytest.mark.parametrize("name", ["ref-virt64-faults", "ref-virt64-mttcg", "uboot-arm64"])
def test_our_own_sets_mean_the_same_when_laid_out(name: str, tmp_path: Path) -> None:
    """Parents, base trees and all: only where the files come from differs."""
    manifest = find(name)
    (tmp_path / "file").write_bytes(b"")
    images = ImageSet(manifest, "key", dict.fromkeys(manifest.artifacts, tmp_path / "file"), None)
    (tmp_path / "s.yaml").write_text("about: x\nsteps: [boot]\n")
    run_dir = folder.create(tmp_path / "runs", "s")
    origin.keep(read(tmp_path / "s.yaml"), images, Options(1, run_dir), run_dir)
    result = Result("s", Verdict.PASS, run_dir=run_dir, facts=folder.facts(images, None, {}))
    folder.complete(run_dir, result, images, None, Timeline())
    laid_out = image_set_of(read_recipe(run_dir), tmp_path / "work", images.files)
    again = find(name, [laid_out])
    for part in ("about", "machine", "consoles", "boot", "features", "events"):
        assert getattr(again, part) == getattr(manifest, part)
    assert (again.recipe, set(again.artifacts)) == (None, set(manifest.artifacts))
    if manifest.me is not None and again.me is not None:
        assert again.me.base.read_bytes() == manifest.me.base.read_bytes()
        assert replace(again.me, base=manifest.me.base) == manifest.me
    assert (again.agency_tree is None) == (manifest.agency_tree is None)


@pytest.mark.parametrize(("key", "value", "message"), [
    ("trees", ["../../mine.yaml", "x", "y"], "no file ../../mine.yaml"),
    ("me_base", "/etc/passwd", "no file /etc/passwd"),
    ("set", "../mine", "no image set '../mine'"),
    ("manifests", [], "no image set 'mine'"),
])
def test_a_run_that_names_what_is_not_its_own(key: str, value: object, message: str, tmp_path: Path) -> None:
    run_dir = stored_run(tmp_path)
    file = run_dir / "origin.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    with pytest.raises(UsageError, match=re.escape(message)):
        read_recipe(run_dir)


def test_a_scenario_that_is_called_so_that_it_leads_out(tmp_path: Path) -> None:
    recipe = replace(read_recipe(stored_run(tmp_path)), name="../../outside")
    with pytest.raises(UsageError, match=r"a scenario called '../../outside' is refused"):
        scenario_of(recipe, tmp_path / "work")


def test_a_scenario_with_more_trees_than_were_kept(tmp_path: Path) -> None:
    run_dir = stored_run(tmp_path)
    file = run_dir / "scenario.yaml"
    file.write_text(file.read_text().replace("[own, ", "[own, own, "))
    with pytest.raises(UsageError, match=r"scenario.yaml: names 4 device trees, and 3 were kept"):
        scenario_of(read_recipe(run_dir), tmp_path / "work")

# SPDX-License-Identifier: GPL-2.0-only
"""Our dt-schema bindings: valid themselves, and obeyed by every tree that our overlays can make."""

import re
import sys
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.dt.build import Merged, agency_tree, me_tree
from harness.proc import run
from tests.unit.dt_samples import AGENCY, DTS, ME, faulty, overlay, qemu_tree

BINDINGS = DTS / "bindings"
NO_BE = DTS / "base" / "agency-virt64-no-be.dtso"
NO_FE = DTS / "base" / "me-virt64-no-fe.dts"
NO_VUART_BE = DTS / "base" / "agency-virt64-no-vuart.dtso"
NO_VUART_FE = DTS / "base" / "me-virt64-no-vuart.dts"
BARE_AGENCY = DTS / "base" / "agency-virt64-bare.dtso"
BARE_ME = DTS / "base" / "me-virt64-bare.dts"


def dtschema(module: str, *arguments: str) -> str:
    """What a program of dtschema says: that decides, as dt-validate ends with 0 even if a tree is wrong."""
    call = f"from dtschema.{module} import main; raise SystemExit(main())"
    done = run([sys.executable, "-c", call, *arguments], deadline=Deadline.after(60, f"dtschema {module}"),
               check=False)
    return (done.stdout + done.stderr).decode()


def complaints(folder: Path, *trees: Merged) -> str:
    """What dt-validate finds in our nodes; the other nodes are QEMU's."""
    files = []
    for number, merged in enumerate(trees):
        path = folder / f"{number}.dtb"
        path.write_bytes(merged.dtb)
        files.append(str(path))
    return dtschema("dtb_validate", "-s", str(BINDINGS), "-l", "schemas/soo/", *files)


def test_bindings_are_valid() -> None:
    assert dtschema("doc_validate", str(BINDINGS)) == ""


OURS = re.compile(rb"soo,|v[a-z0-9]+,(back|front)end\0")


def test_every_compatible_of_ours_has_a_binding() -> None:
    described = {path.stem for path in (BINDINGS / "soo").glob("*.yaml")}
    tree = agency_tree(qemu_tree(), [AGENCY]).tree, me_tree(ME, []).tree
    ours = {props["compatible"].split(b"\0")[0].decode() for one in tree for props in one.nodes.values()
            if OURS.match(props.get("compatible", b""))}
    assert ours - {"soo,me-virt64"} == described


def test_a_wrong_binding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "soo" / "soo,agency.yaml"
    path.parent.mkdir()
    text = (BINDINGS / "soo" / "soo,agency.yaml").read_text()
    path.write_text(text.replace("const: soo,agency", "cosnt: soo,agency"))
    assert "'cosnt'" in dtschema("doc_validate", str(tmp_path))


def test_our_trees_obey(tmp_path: Path) -> None:
    agencies = [[AGENCY], *([AGENCY, overlay(f"vdummy-be-{name}")] for name in ("on", "ok", "okay")),
                [NO_BE], [NO_BE, overlay("vdummy-be-no-status")],
                *([AGENCY, overlay(f"vuart-be-{name}")] for name in ("on", "ok", "okay")),
                [NO_VUART_BE, overlay("vuart-be-no-status")], [BARE_AGENCY]]
    mes = [(ME, ["on"]), (ME, ["okay"]), (ME, ["on", "ring-start"]), (NO_FE, []), (NO_FE, ["no-status"])]
    consoles = [(ME, ["on"]), (ME, ["okay"]), (NO_VUART_FE, ["no-status"]), (BARE_ME, [])]
    trees = [agency_tree(qemu_tree(), overlays) for overlays in agencies]
    trees += [me_tree(base, [overlay(f"vdummy-fe-{name}") for name in names], fault="fe-hang-probe", spid=1,
                      name="alpha") for base, names in mes]
    trees += [me_tree(base, [overlay(f"vuart-fe-{name}") for name in names]) for base, names in consoles]
    assert complaints(tmp_path, *trees) == ""


@pytest.mark.parametrize("wrong", [
    "domain-size: b'512M\\x00' is not of type 'integer'",
    "status:0: 'on' is not one of ['ok', 'okay', 'disabled']",
    "backends:vdummies:compatible:0: 'vdummy' does not match",
])
def test_planted_errors_of_the_agency_are_found(tmp_path: Path, wrong: str) -> None:
    tree = agency_tree(qemu_tree(), [AGENCY, faulty("wrong-binding-agency.dtso")])
    assert wrong in complaints(tmp_path, tree)


@pytest.mark.parametrize("wrong", [
    "spid: size is 32, expected 64",
    "ring-start: [0, 1] is not of type 'integer'",
])
def test_planted_errors_of_an_me_are_found(tmp_path: Path, wrong: str) -> None:
    assert wrong in complaints(tmp_path, me_tree(ME, [faulty("wrong-binding-me.dtso")]))

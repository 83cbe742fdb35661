# SPDX-License-Identifier: GPL-2.0-only
"""Keys and lists of the cache."""

from pathlib import Path

from harness.cache.digest import LIST_NAME, key_of, problems_of, sources_of, write_list


def test_keys_depend_on_names_and_values_but_not_on_order() -> None:
    assert key_of([("a", "1"), ("b", "2")]) == key_of([("b", "2"), ("a", "1")])
    assert key_of([("a", "1")]) != key_of([("a", "2")])
    assert key_of([("ab", "c")]) != key_of([("a", "bc")])
    assert key_of([("a", "1\n1 1 b2")]) != key_of([("a", "1"), ("b", "2")])


def test_sources_leave_out_what_compilers_and_editors_make(tmp_path: Path) -> None:
    for name in ("m/a.c", "m/sub/b.h", "m/a.o", "m/.a.c.swp", "m/__pycache__/x.pyc", "single.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    parts = sources_of([tmp_path / "m", tmp_path / "single.py"], tmp_path)
    assert sorted(name for name, _ in parts) == ["m/a.c", "m/sub/b.h", "single.py"]


def test_an_untouched_entry_has_no_problems(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_bytes(b"content")
    write_list(tmp_path)
    assert problems_of(tmp_path) == []


def test_every_kind_of_damage_is_named(tmp_path: Path) -> None:
    for name in ("flipped", "shorter", "gone"):
        (tmp_path / name).write_bytes(b"content")
    write_list(tmp_path)
    (tmp_path / "flipped").write_bytes(b"cOntent")
    (tmp_path / "shorter").write_bytes(b"cont")
    (tmp_path / "gone").unlink()
    assert problems_of(tmp_path) == [
        "flipped: content differs",
        "gone: No such file or directory",
        "shorter: size differs",
    ]


def test_a_damaged_list_is_a_problem_too(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == ["the list of its files is missing"]
    for text in ("{", "[1]", '{"a": 1}', '{"a": {}}'):
        (tmp_path / LIST_NAME).write_text(text)
        assert problems_of(tmp_path)[0].startswith("the list of its files is unreadable")

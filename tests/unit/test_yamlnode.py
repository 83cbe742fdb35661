# SPDX-License-Identifier: GPL-2.0-only
"""Strict YAML: every refusal names file, line and what to write instead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import SchemaError
from harness.yamlnode import Node, load, nearest, parse

HERE = Path("some/set.yaml")


def node(text: str) -> Node:
    return parse(text, HERE)


def value(text: str) -> Node:
    return node(f"key: {text}\n").entries()["key"]


def test_plain_values() -> None:
    assert value("text").string() == "text"
    assert value('"12"').string() == "12"
    assert value("0x10").integer() == 16
    assert value("-3").integer() == -3
    assert value("1_000").integer() == 1000
    assert value("true").boolean() is True
    assert value("false").boolean() is False
    assert value("512M").scalar() == "512M"
    assert value("3").scalar() == "3"
    assert value("'a+b'").regex().search("xaab") is not None
    assert value("'^end$'").bytes_regex().search(b"a\nend\nb") is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("10s", 10.0), ("1.5s", 1.5), ("2m", 120.0), ("1h", 3600.0), ("3 s", 3.0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert value(text).duration() == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "read", "message"),
    [
        ("12", Node.string, "key: expected text, found an integer '12'"),
        ("[a]", Node.string, "key: expected text, found a list"),
        ("", Node.string, "key: expected text, found nothing"),
        ('""', Node.string, "key: expected text that is not empty"),
        ("2026-01-01", Node.string, "found a date '2026-01-01'"),
        ("abc", Node.integer, "expected an integer, found the text 'abc'"),
        ("1.5", Node.integer, "expected an integer, found a number '1.5'"),
        ("'7'", Node.integer, "expected an integer, found the text '7'"),
        ("010:20", Node.integer, "expected an integer"),
        ("yes", Node.boolean, "expected true or false, found a boolean 'yes'"),
        ("'true'", Node.boolean, "expected true or false, found the text 'true'"),
        ("10", Node.duration, "expected a duration with unit"),
        ("10 parsec", Node.duration, "for instance 500ms, 10s, 2m or 1h"),
        ("0s", Node.duration, "expected a duration above zero"),
        ("'(a'", Node.regex, "bad regular expression"),
        ("{a: 1}", Node.scalar, "expected a value, found a mapping"),
        ("text", Node.sequence, "expected a list, found the text 'text'"),
        ("[1]", Node.entries, "expected a mapping, found a list"),
        ("no-such-file", Node.file, "no file 'no-such-file'"),
    ],
)
def test_wrong_values(text: str, read: Callable[[Node], object], message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(value(text))
    assert str(caught.value).startswith("some/set.yaml:1: set.key: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bounds_of_integers() -> None:
    assert value("5").integer(5, 5) == 5
    with pytest.raises(SchemaError, match="expected an integer from 1 to 4, found an integer '5'"):
        value("5").integer(1, 4)
    with pytest.raises(SchemaError, match="expected an integer of 6 or more"):
        value("5").integer(minimum=6)
    with pytest.raises(SchemaError, match="expected an integer of 4 or less"):
        value("5").integer(maximum=4)


def test_choices_name_the_nearest() -> None:
    with pytest.raises(SchemaError, match=r"unknown value 'seriel'; did you mean 'serial'\?"):
        value("seriel").string(("serial", "virtconsole"))


def test_known_keys() -> None:
    top = node("about: x\ncount: 3\n")
    assert set(top.mapping(required=("about",), optional=("count", "seed"))) == {"about", "count"}


def test_unknown_key_is_told_with_its_own_line() -> None:
    with pytest.raises(SchemaError, match="^some/set.yaml:3: set: unknown key 'abuot'; did you mean 'about"):
        node("count: 3\n\nabuot: x\n").mapping(optional=("about", "count"))


def test_unknown_key_far_from_all_lists_them() -> None:
    with pytest.raises(SchemaError, match="unknown key 'zzz'; valid: about, count$"):
        node("zzz: 1").mapping(optional=("count", "about"))


def test_missing_key() -> None:
    with pytest.raises(SchemaError, match="^some/set.yaml:1: set: key 'about' is missing$"):
        node("count: 3").mapping(required=("about",), optional=("count",))


def test_a_key_given_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(SchemaError, match="^some/set.yaml:2: set: key 'a' occurs twice; first at line 1$"):
        node("a: 1\na: 2\n").entries()


def test_lines_deep_inside() -> None:
    items = node("steps:\n  - boot: {}\n  - send:\n      count: many\n").entries()["steps"].sequence()
    name, body = items[1].single(("boot", "send"))
    assert name == "send"
    with pytest.raises(SchemaError, match=r"^some/set.yaml:4: set.steps\[1\].send.count: expected an"):
        body.entries()["count"].integer()


def test_a_step_has_one_key() -> None:
    with pytest.raises(SchemaError, match="expected exactly one key, found 2: a, b"):
        node("{a: 1, b: 2}").single()
    with pytest.raises(SchemaError, match=r"unknown key 'bot'; did you mean 'boot'\?"):
        node("{bot: 1}").single(("boot",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2\nb: 3\n", "some/set.yaml:2: malformed YAML: while parsing a flow sequence"),
        ("a: 1\n\tb: 2\n", "some/set.yaml:2: malformed YAML"),
        ("", "some/set.yaml:1: empty file"),
        ("# only a comment\n", "some/set.yaml:1: empty file"),
        ("a: 1\n---\nb: 2\n", "some/set.yaml:2: malformed YAML"),
        ("a: *nowhere\n", "some/set.yaml:1: malformed YAML"),
        ("a: \x07\n", "some/set.yaml: malformed YAML"),
        ("? [a]\n: 1\n", "some/set.yaml:1: set: expected text as key, found a list"),
    ],
)
def test_malformed_files(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        node(text).entries()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="cannot read: No such file or directory"):
        load(tmp_path / "absent.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"about: caf\xe9\n")
    with pytest.raises(SchemaError, match="not UTF-8 at byte 10"):
        load(latin)


def test_files_are_relative_to_the_yaml_file(tmp_path: Path) -> None:
    (tmp_path / "blob.bin").write_bytes(b"x")
    (tmp_path / "set.yaml").write_text("good: blob.bin\nbad: blub.bin\n")
    entries = load(tmp_path / "set.yaml").entries()
    assert entries["good"].file() == tmp_path / "blob.bin"
    with pytest.raises(SchemaError, match=r"did you mean 'blob.bin'\?"):
        entries["bad"].file()


def test_nearest_without_candidates() -> None:
    assert nearest("x", []) == "none is valid here"

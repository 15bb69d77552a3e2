"""Cells, values and lines are found where they stand."""

import pytest

from tagger.formats.delimited import Dialect
from tagger.formats.spans import RawLines, find_cells, find_value


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        (['a,"b,""c""\n', 'd",\r\n', "e"], ["a", '"b,""c""\nd"', ""]),
        (['"",a"b\r'], ['""', 'a"b']),
        (["a"], ["a"]),
        (['a,"b\n', "c"], []),
    ],
)
def test_cells_are_found_with_their_quotation_marks(lines: list[str], cells: list[str]) -> None:
    text, spans = find_cells(iter(lines), Dialect(","))
    assert [text[start:end] for start, end in spans] == cells


def test_without_quoting_a_mark_is_a_sign_like_others() -> None:
    assert find_cells(iter(['"a\tb"\n']), Dialect("\t", quoted=False)) == ('"a\tb"\n', [(0, 2), (3, 5)])


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ('{"a": [1, {"b": 2}] , "b" : "x"}', ["b"], '"x"'),
        ('{"a":1,"a":{"b":[ ]}}', ["a", "b"], "[ ]"),
        (' {"\\u0061":NaN}', ["a"], "NaN"),
        ('{"a":[{"b":1}]}', ["a", "b"], None),
        ('{"a":{}}', ["a", "b"], None),
        ("{}", ["a"], None),
        ("[1]", ["a"], None),
    ],
)
def test_a_value_is_found_by_its_name(text: str, path: list[str], value: str | None) -> None:
    span = find_value(text, path)
    assert (None if span is None else text[slice(*span)]) == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be", "utf-32", "cp950"])
def test_lines_and_their_bytes_are_found_in_every_encoding(encoding: str) -> None:
    text = "警a\r\n\n民,間\r後"
    data = text.encode(encoding)
    lines = RawLines(data, encoding, "strict")
    assert [*lines.texts(1)] == ["警a\r\n", "\n", "民,間\r", "後"]
    assert [*lines.texts(4)] == ["後"]
    start, end = lines.bytes_of(3, (1, 3))
    assert data[start:end].decode(lines.codec) == ",間"
    assert data[:start].decode(encoding) == text[: text.index(",")]


def test_the_euro_of_windows_has_one_byte() -> None:
    lines = RawLines(b"\x80,\xb7\xb4\n", "gbk", "strict")
    assert [*lines.texts(1)] == ["€,反\n", ""]
    assert lines.bytes_of(1, (2, 3)) == (2, 4)

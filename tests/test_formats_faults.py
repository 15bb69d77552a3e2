import errno
import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tagger.errors import DataError
from tagger.formats.faults import explain_damage, explain_json, explain_json_line, explain_toml
from tagger.formats.opening import open_stream
from tagger.messages import Message, in_language

JSON = [
    '{"text": "\\q"}', '{"a": tru}', '{"a": fals}', '{"a": nul}', '{"a": 1.}', '{"a": 1e+}', '{"a": -}', '{"a": 01}',
    '{"a": "\ud800"}', '{"a": [1,]}', '{"a": [1 2]}', '{"a": 1 "b"}', '{"a" 1}', '{"a": }', "{a: 1}", "{} x",
    '{"a": "\n"}', '{"a": ', '{"a": 1,}', '{"a": "\\u12"}', '{"a": "b',
]  # fmt: skip
# What Python's json reads.
ONLY_ORJSON = ['{"a": "\\ud800"}', '{"a": 1e999}', "[" * 2000]
TOML = [
    "[a]\n[a]", "[a]\nb.c=1\nb=2", "[a]\nb", "[a\n", "[[a]\n", "[a] b", '[a]\nt="\n"', "[反诈]", "[a]\n。",
    "[a]\nt={b=1,b=2}", "[a]\nb={}\n[a.b]", "b={}\n[b.c]", '[a]\nt="\\ud800"', '[a]\nt="\\uXX"', '[a]\nt="\x01"',
    "[a]\nt=“反诈”", '[a]\nk=["b"', "[a]\nt={b=1", '[a]\nt="\\', '[a]\nt="b',
]  # fmt: skip


def fault_of(parse: Callable[[str], Any], text: str) -> Any:
    with pytest.raises(ValueError, match=r".") as raised:
        parse(text)
    return raised.value


@pytest.mark.parametrize("text", [*JSON, *ONLY_ORJSON])
def test_what_is_wrong_with_json_is_said_as_its_readers_say_it(text: str) -> None:
    error = fault_of(orjson.loads, text)
    assert explain_json_line(error) == str(error)
    if "\ud800" not in text and text not in ("{} x", *ONLY_ORJSON):
        error = fault_of(json.JSONDecoder().raw_decode, text)
        assert explain_json(error) == error.msg


@pytest.mark.parametrize("text", TOML)
def test_what_is_wrong_with_toml_is_said_as_its_reader_says_it(text: str) -> None:
    error = fault_of(tomllib.loads, text)
    assert explain_toml(error) == str(error)


def test_what_they_say_often_is_a_message() -> None:
    assert isinstance(explain_json(fault_of(orjson.loads, '{"a": ')), Message)
    assert isinstance(explain_json(fault_of(json.loads, '{"a": ')), Message)
    # The last one, nested too deeply, is said in other words by orjson 3.10.
    assert all(isinstance(explain_json(fault_of(orjson.loads, text)), Message) for text in ONLY_ORJSON[:-1])
    for text in ("[a]\nt=“反诈”", "[a]\n[a]", "[a]\nt={b=1,b=2}", '[a]\nt="\\uXX"', '[a]\nt="\x01"'):
        said = explain_toml(fault_of(tomllib.loads, text))
        assert isinstance(said, Message)
        assert isinstance(said.values["fault"], Message)


def test_what_readers_say_seldom_stays_as_it_is() -> None:
    assert explain_json(json.JSONDecodeError("{odd}", "", 0)) == "{odd}"
    assert explain_toml(tomllib.TOMLDecodeError("{odd} (at line 1, column 2)")) == "{odd} (at line 1, column 2)"
    assert explain_toml(tomllib.TOMLDecodeError("{odd}")) == "{odd}"


@pytest.mark.parametrize(
    "said",
    [
        "File is not a zip file",
        "File 'a.csv' is encrypted, password required for extraction",
        "CRC check failed 0x1 != 0x2",
        "Error -3 while decompressing data: invalid block type",
        "Couldn't deserialize thrift: No more data to read.",
        "Not a gzipped file (b'ju')",
        "{odd}",
    ],
)
def test_what_is_wrong_with_an_archive_is_said_as_its_readers_say_it(said: str) -> None:
    assert explain_damage(ValueError(said)) == said
    assert isinstance(explain_damage(ValueError(said)), Message) == (said != "{odd}")
    assert explain_damage(OSError(errno.EIO, os.strerror(errno.EIO))) == "Input/output error"


def test_what_they_add_is_a_message_too() -> None:
    said = explain_damage(ValueError("Error -3 while decompressing data: invalid block type\n"))
    assert isinstance(said, Message)
    assert isinstance(said.values["detail"], Message)
    assert in_language(said, "zh") == "解压时出错（-3）：内容已损坏"


def test_a_damaged_workbook_is_not_to_be_unpacked(tmp_path: Path) -> None:
    for name, remedy in (("a.xlsx", "save it as CSV"), ("a.zip", "unpack it first")):
        (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(100))
        with (
            pytest.raises(DataError, match=rf"\(File is not a zip file\): {remedy}"),
            open_stream(str(tmp_path / name)),
        ):
            pass

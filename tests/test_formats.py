"""Any file of records: what it is is found by looking into it, and what was written comes back."""

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagger.dataset import LabelOptions, read_labels
from tagger.errors import DataError, SettingsError
from tagger.formats import Broken, FileOptions, Form, Record, open_source, read_source
from tagger.formats.json_values import cut_objects, read_json_values
from tagger.formats.looking import find_form
from tagger.formats.opening import HEAD_BYTES, Stream, ending_of, open_stream, zstandard

LINES = '{"text": "苹果很甜", "label": "水果"}\n{"text": "火车很快", "label": "交通"}\n'
ARRAY = '[{"text": "苹果很甜", "label": "水果"}, {"text": "火车很快", "label": "交通"}]'
TABLE = "text,label\n苹果很甜,水果\n火车很快,交通\n"
ROWS = [{"text": "苹果很甜", "label": "水果"}, {"text": "火车很快", "label": "交通"}]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


def zipped(data: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("labels",):
            archive.writestr(name, data)
    return file.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "gzip": gzip.compress,
    "Zstandard": lambda data: bytes(zstandard().compress(data)),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
}


def written(folder: Path, content: str | bytes, name: str = "labels.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def read(name: str, options: FileOptions | None = None) -> list[Record | Broken]:
    with open_source(name, options or FileOptions()) as source:
        return list(source.records)


def fields_of(items: Iterable[Record | Broken]) -> list[dict[str, Any]]:
    return [item.fields for item in items if isinstance(item, Record)]


def form_of(name: str, options: FileOptions | None = None, *, articles: bool = False) -> Form:
    with open_stream(name) as stream:
        return find_form(stream, options or FileOptions(), articles=articles)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("content", [LINES, ARRAY, TABLE])
def test_records_are_read_whatever_the_name_the_encoding_and_the_compression(
    tmp_path: Path, content: str, encoding: str, compression: str
) -> None:
    name = written(tmp_path, COMPRESSIONS[compression](content.encode(encoding)), "part-00000")
    with open_source(name, FileOptions()) as source:
        assert fields_of(source.records) == ROWS
        assert source.about.endswith(compression)
        assert source.encoding == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


SIGNS = "苹果火车很甜快天气民警，。！,;|\t\"' #/a1"
one_line = st.text(st.sampled_from(SIGNS), max_size=12).map(lambda text: f"文{text}字")
topics = st.lists(st.sampled_from(["水果", "交通", "天气"]), min_size=1, max_size=3, unique=True).map(sorted)
tables = st.lists(st.tuples(one_line, topics), min_size=1, max_size=8)
hard_tables = st.lists(
    st.tuples(st.text(st.sampled_from(SIGNS + "\n\u2028"), max_size=12).map(lambda text: f"文{text}字"), topics),
    min_size=1,
    max_size=8,
)


def as_table(rows: list[tuple[str, list[str]]], delimiter: str, quoting: Any) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
    writer.writerows([("text", "label"), *((text, "|".join(names)) for text, names in rows)])
    return file.getvalue()


def as_objects(rows: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    return [{"text": text, "label": names} for text, names in rows]


WRITERS: dict[str, Callable[[list[tuple[str, list[str]]]], str]] = {
    "comma": lambda rows: as_table(rows, ",", csv.QUOTE_MINIMAL),
    "tab": lambda rows: as_table(rows, "\t", csv.QUOTE_MINIMAL),
    "semicolon, all quoted": lambda rows: as_table(rows, ";", csv.QUOTE_ALL),
    "lines": lambda rows: "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in as_objects(rows)),
    "array": lambda rows: json.dumps(as_objects(rows), ensure_ascii=False),
    "array over lines": lambda rows: json.dumps(as_objects(rows), ensure_ascii=False, indent=1),
}


def check_round_trip(
    folder: Path, rows: list[tuple[str, list[str]]], form: str, encoding: str, compression: str
) -> None:
    data = COMPRESSIONS[compression](WRITERS[form](rows).encode(encoding))
    try:
        labels = read_labels(written(folder, data), LabelOptions(separator="|"))
    except DataError:
        return
    if not labels.problems:
        assert [(e.text, list(e.topics)) for e in labels.examples] == [(text, names) for text, names in rows]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables,
    st.sampled_from([*WRITERS]),
    st.sampled_from(ENCODINGS),
    st.sampled_from([*COMPRESSIONS]),
)
def test_any_table_reads_back_equal_or_is_refused(
    tmp_path: Path, rows: list[tuple[str, list[str]]], form: str, encoding: str, compression: str
) -> None:
    check_round_trip(tmp_path, rows, form, encoding, compression)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hard_tables, st.sampled_from([*WRITERS]), st.sampled_from(ENCODINGS))
def test_any_table_of_texts_over_several_lines_reads_back_equal_or_is_refused(
    tmp_path: Path, rows: list[tuple[str, list[str]]], form: str, encoding: str
) -> None:
    check_round_trip(tmp_path, rows, form, encoding, "")


@pytest.mark.parametrize(
    ("name", "content", "form", "article"),
    [
        ("items.jl", LINES, "jsonl", "jsonl"),
        ("items.log", LINES, "jsonl", "jsonl"),
        ("part-00000", LINES, "jsonl", "jsonl"),
        ("items.json", LINES, "jsonl", "jsonl"),
        ("items.json", '{"text":\n"苹果"}\n', "json", "json"),
        ("items.txt", '{"text": "苹', "jsonl", "jsonl"),
        ("items.txt", '{\n "text": "苹', "json", "json"),
        ("items.jsonl", '{"text"\n{"text": "苹果"}\n', "jsonl", "jsonl"),
        ("items.txt", '{"text"\n{"text": "苹果"}\n', "jsonl", "jsonl"),
        ("items.jsonl", "[1]\n", "jsonl", "jsonl"),
        ("items.txt", ARRAY, "json", "json"),
        ("items.txt", "[]", "json", "json"),
        ("items.json", "[ {]", "json", "json"),
        ("items.json", '["苹果"]', "json", "json"),
        ("items.txt", "[{苹果}]很甜\n", "csv", "text"),
        ("items.txt", "{苹果}很甜\n火车\n", "csv", "text"),
        ("items.txt", "{苹果}很甜", "csv", "text"),
        ("items.csv", TABLE, "csv", "csv"),
        ("items.tsv", "苹果\n", "csv", "csv"),
        ("items.txt", TABLE, "csv", "text"),
        ("items.txt", "__label__水果 苹果\n__label__交通 火车\n", "fasttext", "fasttext"),
        ("items.txt", "苹果 __label__水果\n火车很快\n车站很大\n", "csv", "text"),
        ("items.txt", "苹果 __label__水果\n梨 __label__水果\n火车很快\n车站很大\n路很宽\n", "csv", "text"),
        ("items.txt", "", "csv", "text"),
        ("items.parquet", b"PAR1", "parquet", "parquet"),
        ("items.bin", b"ARROW1", "arrow", "arrow"),
        ("items.dat", b"\xd0\xcf\x11\xe0 a sheet of old", "workbook", "workbook"),
    ],
)
def test_a_form_is_found_by_looking_into_the_file(
    tmp_path: Path, name: str, content: str | bytes, form: Form, article: Form
) -> None:
    path = written(tmp_path, content, name)
    assert form_of(path) == form
    assert form_of(path, articles=True) == article
    assert form_of(path, FileOptions(form="fasttext")) == "fasttext"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"%PDF-1.7", "is a PDF: save its text as .txt"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "is a picture: recognise its text by another program"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "is a document of Word: save its text as .txt"),
        ("a.docx", zipped(b"", "word/document.xml", "x"), "is a document of Word: save it as plain text"),
        ("a.pptx", zipped(b"", "ppt/presentation.xml", "x"), "is a presentation: save its text as .txt"),
        ("a.zip", zipped(b"", "a.csv", "b.csv"), r"is a zip archive that holds 2 files \(a.csv, b.csv\): unpack it"),
        ("a.zip", zipped(b"", "a", "b", "c", "d"), r"is a zip archive that holds 4 files \(a, b, c …\): unpack it"),
        ("a.zip", zipped(b"", "folder/"), "is a zip archive that holds no file"),
        ("a.zip", b"PK\x03\x04", "is a zip archive that cannot be read .*: unpack it first"),
    ],
)
def test_what_only_other_programs_can_read_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, content, name))


def test_a_zip_archive_may_hold_what_a_mac_adds(tmp_path: Path) -> None:
    data = zipped(TABLE.encode(), "labels.csv", "__MACOSX/._labels.csv", ".DS_Store")
    assert fields_of(read(written(tmp_path, data, "labels.zip"))) == ROWS


def test_a_tar_archive_is_refused_whatever_its_compression(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.add(written(tmp_path, TABLE), "labels.csv")
    with pytest.raises(DataError, match="is a tar archive: unpack it, and name the files or the folder"):
        read(written(tmp_path, file.getvalue(), "labels.tgz"))


@pytest.mark.full
@pytest.mark.parametrize("compression", ["gzip", "Zstandard", "bzip2", "xz"])
def test_compressed_data_that_is_cut_off_is_told(tmp_path: Path, compression: str) -> None:
    rows = "".join(f"苹果{number * 7919 % 10007},水果\n" for number in range(60_000))
    data = COMPRESSIONS[compression](f"text,label\n{rows}".encode())
    for end in (len(data) - 20, 40):
        with pytest.raises(DataError, match=r"labels\.csv: cannot be read to its end .*: restore the file"):
            read(written(tmp_path, data[:end]))


def test_a_damaged_json_array_is_told_where_it_is_compressed(tmp_path: Path) -> None:
    rows = json.dumps([{"text": f"苹果{number * 7919 % 10007}"} for number in range(60_000)])
    with pytest.raises(DataError, match="cannot be read to its end"):
        read(written(tmp_path, gzip.compress(rows.encode())[:-20], "a.json"))


def test_a_zip_archive_with_a_password_or_a_damaged_file_is_told(tmp_path: Path) -> None:
    data = bytearray(zipped(TABLE.encode() * 100))
    data[6] |= 1  # the flag of a password
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DataError, match=r"is a zip archive that cannot be read .*password"):
        read(written(tmp_path, bytes(data), "labels.zip"))
    data = bytearray(zipped(TABLE.encode() * 100))
    data[60] ^= 255
    with pytest.raises(DataError, match="cannot be read to its end"):
        read(written(tmp_path, bytes(data), "labels.zip"))


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: cannot be read: No such file or directory; check the path"):
        read(str(tmp_path / "none"))
    with pytest.raises(DataError, match=r"cannot be read: .*; check the path"):
        read(str(tmp_path))


def test_a_text_is_not_read_as_records(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is a text, not records: name its form \(--form\)"):
        read(written(tmp_path, TABLE), FileOptions(form="text"))


class Standard(io.TextIOWrapper):
    """Standard input that holds these bytes."""


@pytest.mark.parametrize("content", [TABLE.encode(), ARRAY.encode(), LINES.encode(), zipped(TABLE.encode())])
def test_standard_input_is_looked_into_too(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(io.BytesIO(content)))
    assert fields_of(read("-")) == ROWS


def test_standard_input_that_looks_like_a_table_is_one_and_any_other_is_an_article(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for content, form in ((TABLE, "csv"), ("苹果,甜\n火车,快\n", "text"), ("标题\n苹果\n", "text"), ("", "text")):
        monkeypatch.setattr(sys, "stdin", Standard(io.BytesIO(content.encode())))
        assert form_of("-", articles=True) == form


class Pipe(io.BytesIO):
    """Bytes that come once, and from where nothing can be told."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def test_a_zip_archive_is_read_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(io.BufferedReader(Pipe(zipped(TABLE.encode())))))
    assert fields_of(read("-")) == ROWS


def test_how_far_a_pipe_was_read_is_not_known() -> None:
    stream = Stream("-", io.BufferedReader(Pipe(b"x")), Pipe(b"x"))
    assert (stream.position(), stream.may_pause) == (None, False)


def test_a_stream_that_breaks_is_told_by_whoever_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Torn(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _: Any) -> int:
            raise OSError(5, "it is torn")

    stream = Stream("a.csv", io.BufferedReader(Torn()), Torn())
    for act in (stream.peek, stream.read):
        with pytest.raises(DataError, match=r"a\.csv: cannot be read to its end \(it is torn\): restore the file"):
            act()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Torn())))
    with pytest.raises(DataError, match="-: cannot be read: it is torn; check the path"):
        read("-")
    with open_stream(written(tmp_path, TABLE)) as whole:
        assert whole.read(4) == b"text"
        assert (whole.position() is not None, whole.may_pause) == (True, sys.platform != "win32")


@pytest.mark.parametrize(
    ("name", "ending"), [("a.csv", ".csv"), ("A.JSONL.GZ", ".jsonl"), ("a.xlsx.zip", ".xlsx"), ("a.gz", ""), ("a", "")]
)
def test_the_ending_of_a_compression_says_nothing(name: str, ending: str) -> None:
    assert ending_of(name) == ending


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "excel"}, "form is 'excel': it must be one of csv, json, jsonl"),
        ({"errors": "ignore"}, "errors is 'ignore': it must be strict or replace"),
        ({"delimiter": "::"}, "delimiter is '::': it must be one character, or tab"),
        ({"delimiter": "\n"}, r"delimiter is '\\n': rows end and cells are quoted by that"),
        ({"delimiter": '"'}, "delimiter is '\"': rows end and cells are quoted by that"),
    ],
)
def test_options_that_do_not_exist_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        FileOptions(**options)
    assert FileOptions(delimiter="tab").delimiter == FileOptions(delimiter="\\t").delimiter == "\t"


def test_an_encoding_that_does_not_exist_is_told_for_every_form(tmp_path: Path) -> None:
    for content in (TABLE, LINES, ARRAY):
        with pytest.raises(DataError, match="unknown encoding 'klingon': give one such as gb18030"):
            read(written(tmp_path, content), FileOptions(encoding="klingon"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_json_lines_in_any_encoding_are_told_by_their_first_lines(tmp_path: Path, encoding: str) -> None:
    name = written(tmp_path, LINES.encode(encoding), "a.jsonl")
    assert fields_of(read(name)) == ROWS


def test_a_spoilt_line_does_not_make_the_others_something_else(tmp_path: Path) -> None:
    data = LINES.encode() + b'{"text": "\xff"}\n' + LINES.encode()
    first, second, spoilt, *others = read(written(tmp_path, data, "a.jsonl"))
    assert fields_of([first, second, *others]) == ROWS * 2
    assert isinstance(spoilt, Broken)
    assert spoilt.line == 3


def test_objects_are_numbered_by_the_lines_they_begin_on(tmp_path: Path) -> None:
    name = written(tmp_path, '[\n{"text":\n"苹果"},\n\n{"text": "火车"}]\n', "a.json")
    assert [item.line for item in read(name)] == [2, 5]


@pytest.mark.parametrize(
    ("content", "number", "line", "reason"),
    [
        ('[{"text": "苹果"},\n{"text": "火车]\n', 1, 2, "is no JSON: Invalid control character at at line 2; nothing"),
        ('[{"text": "苹果"},\n{"text": "火车', 1, 2, "is no JSON: Unterminated string starting at at line 2; nothing"),
        ('[{"text": "苹果"}] 完', 1, 1, "is no JSON: Expecting value at line 1; nothing behind it was read"),
        ('[{"text": "\\ud800"}]', 0, 1, "is no JSON: "),
        ('[{"text": "苹果"}, 12, {"text": "火车"}]', 2, 2, "is no JSON object such as"),
        ('[{"text": "苹果"}, {"text": ' + "[" * 100_000, 1, 1, "is nested too deeply to be read; nothing behind it"),
    ],
)
def test_what_is_no_object_is_kept_with_its_line(
    tmp_path: Path, content: str, number: int, line: int, reason: str
) -> None:
    items = read(written(tmp_path, content, "a.json"))
    (broken,) = (item for item in items if isinstance(item, Broken))
    assert (len(items) - 1, broken.line) == (number, line)
    assert broken.reason.startswith(reason)


def test_an_object_may_be_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    text = "苹果" * HEAD_BYTES
    rows = [{"text": text, "n": number} for number in range(2)]
    for indent in (None, 1):
        assert fields_of(read(written(tmp_path, json.dumps(rows, indent=indent), "a.json"))) == rows


def test_a_number_that_may_go_on_is_not_cut() -> None:
    class Slow(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            return super().read(3)

    assert [raw for _, raw in cut_objects(Slow("[123456, 7]"), 100)] == ["123456", "7"]


def test_an_object_of_too_many_characters_ends_the_reading() -> None:
    (broken,) = read_json_values(io.StringIO('[{"text": "' + "苹" * (1 << 19) + '"}]'), 1000)
    assert isinstance(broken, Broken)
    assert broken.reason == "has more than 1000 characters"


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a"])
def test_json_that_is_nested_too_deeply_is_told(tmp_path: Path, name: str) -> None:
    content = '{"text": "苹果", "x": ' + "[" * 5000 + "]" * 5000 + "}\n" + LINES
    items = read(written(tmp_path, content, name))
    assert isinstance(items[0], Broken)


@pytest.mark.parametrize(("second", "items"), [("甲", 9), ("乙", 6)], ids=["three of four seen", "two of four seen"])
def test_a_cell_of_several_lines_is_rows_where_most_end_in_what_was_seen(
    tmp_path: Path, second: str, items: int
) -> None:
    rows = "".join(f"句子{number},甲\n" for number in range(5))
    several = f'"开头,丙\n一句,甲\n又一句,{second}\n最后一句",甲\n'
    assert len(read(written(tmp_path, "text,label\n" + rows + several, "a.csv"))) == items


def test_numbers_of_an_array_keep_all_their_digits(tmp_path: Path) -> None:
    name = written(tmp_path, '[{"text": "苹果", "id": 123456789012345678901234567890}]', "a.json")
    assert fields_of(read(name)) == [{"text": "苹果", "id": 123456789012345678901234567890}]


def test_lines_of_fasttext_have_their_labels_at_either_end_and_their_texts_as_people_write(tmp_path: Path) -> None:
    lines = (
        "__label__水果 苹 果 很 甜\n\n"
        "__label__a __label__b 火车 hello world 很快\n"
        "火车 很快 __label__交通\n__label__空\n"
    )
    items = read(written(tmp_path, lines, "a.txt"))
    assert [(item.line, *item.fields.values()) for item in items if isinstance(item, Record)] == [
        (1, "苹果很甜", ["水果"]),
        (3, "火车hello world很快", ["a", "b"]),
        (4, "火车很快", ["交通"]),
        (5, "", ["空"]),
    ]


def test_an_open_stream_may_be_read_in_a_form_that_was_found_before(tmp_path: Path) -> None:
    with open_stream(written(tmp_path, TABLE)) as stream:
        source = read_source(stream, "csv", FileOptions())
        assert (source.header, source.has_header) == (("text", "label"), True)
        assert fields_of(source.records) == ROWS


def test_nan_in_json_is_null_and_what_is_no_number_either_is_told(tmp_path: Path) -> None:
    lines = '{"text": "苹果", "n": NaN, "m": [-Infinity, 1]}\n{"text": "\\ud800", "n": NaN}\n{"n": nan}\n'
    record, *others = read(written(tmp_path, lines, "a.jsonl"))
    assert record == Record(
        1, {"text": "苹果", "n": None, "m": [None, 1]}, '{"text": "苹果", "n": null, "m": [null, 1]}'
    )
    assert [(item.line, isinstance(item, Broken)) for item in others] == [(2, True), (3, True)]


def test_nan_is_null_beside_a_number_of_many_digits_too(tmp_path: Path) -> None:
    items = read(written(tmp_path, '{"text": "苹果", "n": NaN, "id": 123456789012345678901}\n', "a.jsonl"))
    assert fields_of(items) == [{"text": "苹果", "n": None, "id": 123456789012345678901}]


@pytest.mark.parametrize("start", ["[", "{"])
def test_an_array_that_is_nested_too_deeply_to_be_looked_into_is_still_json(tmp_path: Path, start: str) -> None:
    content = {"[": '[{"text":\n', "{": '{"text":\n'}[start] + "[" * 100_000
    assert form_of(written(tmp_path, content, "a")) == "json"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "苹果很甜很甜"}\n{"text": "坏?"}\n{"text": "火车很快很快"}\n'),
        ("a.csv", "text\n苹果很甜很甜\n坏?\n火车很快很快\n"),
        ("a.txt", "__label__a 苹果很甜很甜\n__label__a 坏?\n__label__a 火车很快很快\n"),
    ],
)
def test_bytes_that_are_no_text_are_told_in_every_form_and_the_rest_is_read(
    tmp_path: Path, name: str, content: str, encoding: str
) -> None:
    items = read(written(tmp_path, content.encode(encoding).replace(b"?", b"\xff"), name))
    assert [fields["text"] for fields in fields_of(items)] == ["苹果很甜很甜", "火车很快很快"]
    (broken,) = (item for item in items if isinstance(item, Broken))
    assert broken.reason.startswith("byte 0xff is no text in this encoding: name the file's with --encoding")
    assert "坏\ufffd" in broken.raw

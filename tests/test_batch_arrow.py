"""Record batches in and out: what runs inside the workers of a cluster, without any cluster."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

import tagger
from tagger.batch import Fields, gained_columns, tag_batches, tag_records
from tagger.errors import ModelError, RunError, SettingsError
from tagger.model import model_hash

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'tagger-zh[spark]'")

ALL_FIELDS = [
    Fields(),
    Fields(paragraphs=True),
    Fields(paragraphs=True, explain=2),
    Fields(paragraphs=True, explain=2, title="title"),
    Fields(output="tags", min_probability=0.5),
    Fields(topics_only=True),
    Fields(topics_only=True, output="labels"),
]


class Count:
    total = 0

    def add(self, term: int) -> None:
        self.total += term


def rows(batches: Any) -> list[dict[str, Any]]:
    """Read rows as Python values, maps as dicts, which PyArrow does by itself since 19."""
    return [
        {field.name: plain(row[field.name], field.type) for field in batch.schema}
        for batch in batches
        for row in batch.to_pylist()
    ]


def plain(value: Any, of: Any) -> Any:
    if value is None:
        return None
    if pa.types.is_map(of):
        return {key: plain(item, of.item_type) for key, item in value}
    if pa.types.is_list(of):
        return [plain(item, of.value_type) for item in value]
    return {field.name: plain(value[field.name], field.type) for field in of} if pa.types.is_struct(of) else value


@pytest.mark.parametrize("fields", ALL_FIELDS, ids=str)
def test_every_row_gains_what_a_record_gains(
    tiny: tagger.Tagger, model: Path, seed_texts: list[str], fields: Fields
) -> None:
    texts = ["苹果\n火车上卖苹果", "", "火车晚点了", *seed_texts]
    records = [{"id": number, "title": "葡萄", "text": text} for number, text in enumerate(texts)]
    batches = list(tag_batches([pa.RecordBatch.from_pylist(records)], model=model, fields=fields))
    gained = tag_records(records, tagger=tiny, fields=fields)
    assert rows(batches) == [record | more for record, more in zip(records, gained, strict=True)]
    assert set(gained_columns(fields)) == fields.gained
    assert batches[0].schema.names == [*records[0], *gained_columns(fields)]


def test_rows_without_a_text_are_tagged_as_empty_and_counted(model: Path) -> None:
    spoilt = pa.array([b"\xe8\x8b", "苹果".encode(), None], pa.binary())
    invalid = pa.StringArray.from_buffers(3, *spoilt.buffers()[1:], spoilt.buffers()[0])
    missing = Count()
    columns = [
        pa.array(["苹果", None, ""]),
        pa.array(["苹果", None, "苹果"]).dictionary_encode(),
        pa.array(["苹果", None], pa.large_string()),
        pa.array([1, None, 3]),
        pa.array([["苹果"]]),
        invalid,
    ]
    found = []
    for column in columns:
        batch = pa.RecordBatch.from_arrays([column], names=["text"])
        (piece,) = tag_batches([batch], model=model, missing=missing)
        found.append(piece.column("topics").to_pylist())
    fruit = ["fruit"]
    assert found == [[fruit, [], []], [fruit, [], fruit], [fruit, []], [[], [], []], [[]], [[], fruit, []]]
    assert missing.total == 1 + 1 + 1 + 3 + 1 + 2
    (empty,) = rows(tag_batches([pa.RecordBatch.from_pylist([{"text": None}], pa.schema([("text", pa.null())]))]))
    assert (empty["text"], empty["topics"], set(empty["probabilities"].values())) == (None, [], {0.0})


def test_large_batches_come_back_in_pieces_of_a_megabyte(model: Path) -> None:
    texts = ["苹果" * length for length in [1, 200_000, 1, 90_000, 90_000, 90_000, 0, 1]]
    batch = pa.RecordBatch.from_pylist([{"text": text} for text in texts])
    pieces = list(tag_batches([batch], model=model, fields=Fields(topics_only=True)))
    assert [row["text"] for row in rows(pieces)] == texts
    assert [piece.num_rows for piece in pieces] == [1, 3, 4]


def test_an_empty_batch_gives_an_empty_one_with_all_columns(model: Path) -> None:
    empty = pa.RecordBatch.from_pylist([], pa.schema([("id", pa.int64()), ("text", pa.string())]))
    (piece,) = tag_batches([empty], model=model)
    assert (piece.num_rows, piece.schema.names) == (0, ["id", "text", *gained_columns(Fields())])


def test_a_missing_column_and_a_taken_one_are_told(model: Path) -> None:
    batch = pa.RecordBatch.from_pylist([{"body": "苹果", "topics": "?"}])
    with pytest.raises(SettingsError, match="no column 'text'; found: body, topics"):
        list(tag_batches([batch], model=model))
    with pytest.raises(SettingsError, match="no column 'title'"):
        list(tag_batches([batch], model=model, fields=Fields(text="body", title="title")))
    with pytest.raises(SettingsError, match="there is a column 'topics' already: ask to overwrite it"):
        list(tag_batches([batch], model=model, fields=Fields(text="body")))
    (row,) = rows(tag_batches([batch], model=model, fields=Fields(text="body", overwrite=True)))
    assert (row["topics"], list(row)[:2]) == (["fruit"], ["body", "topics"])


def test_another_model_than_the_expected_one_is_refused(model: Path, tmp_path: Path) -> None:
    batch = pa.RecordBatch.from_pylist([{"text": "苹果"}])
    assert rows(tag_batches([batch], model=model, digest=model_hash(model)))
    with pytest.raises(RunError, match=f"holds another model .* its hash is {model_hash(model)}, not 0000"):
        list(tag_batches([batch], model=model, digest="0000"))
    with pytest.raises(ModelError, match="there is no such model folder"):
        list(tag_batches([batch], model=tmp_path / "none"))


def test_the_same_rows_come_of_pandas_frames(model: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": [1, 2], "text": ["苹果", None]})
    batch = pa.RecordBatch.from_pandas(frame, preserve_index=False)
    assert [row["topics"] for row in rows(tag_batches([batch], model=model))] == [["fruit"], []]


def test_where_pyarrow_is_missing_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import tagger.batch, tagger.errors\n"
        "try:\n    next(tagger.batch.tag_batches([None]))\n"
        "except tagger.errors.RunError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Arrow batches need pyarrow: pip install 'tagger-zh[spark]'\n"


def test_probabilities_are_those_of_the_json_lines(model: Path, tiny: tagger.Tagger) -> None:
    (row,) = rows(tag_batches([pa.RecordBatch.from_pylist([{"text": "火车上卖苹果"}])], model=model))
    (gained,) = tag_records([{"text": "火车上卖苹果"}], tagger=tiny)
    assert orjson.dumps({name: row[name] for name in gained}) == orjson.dumps(gained)

"""Tagging on a real cluster: executors are processes of their own, and some of them are killed."""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import on_executors
import orjson
import pytest

import tagger
import tagger.spark
from tagger.batch import Fields, RunOptions, gained_columns, tag_files
from tagger.errors import ModelError, SettingsError
from tagger.model import model_hash, shipped_model
from tagger.spark.frames import tag_shipped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.full,
    # PySpark 4.0 leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

KEYWORD = "苹果火车节"


@pytest.fixture(scope="module")
def articles(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All authored articles as JSON lines, with nulls among the titles."""
    path = tmp_path_factory.mktemp("articles") / "articles.jsonl"
    with path.open("wb") as file:
        for number, source in enumerate(sorted((root / "seeds" / "authored").glob("*.txt"))):
            title, _, text = source.read_text(encoding="utf-8").partition("\n")
            file.write(orjson.dumps({"id": number, "title": title if number % 3 else None, "text": text}) + b"\n")
    return path


@pytest.fixture(scope="module")
def keyword_model(tiny_labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a word in its dictionary that no other dictionary has."""
    folder = tmp_path_factory.mktemp("keyword")
    (folder / "topics.toml").write_text(
        f'[fruit]\ntitle = "水果"\nkeywords = ["{KEYWORD}"]\n[train]\ntitle = "火车"\n', encoding="utf-8"
    )
    tagger.train(tiny_labels, topics=folder / "topics.toml").save(folder / "model")
    return folder / "model"


def read(session: "SparkSession", path: Path) -> "DataFrame":
    return session.read.schema("id int, title string, text string").json(str(path)).repartition(8, "id")


def shorten(source: Path, target: Path, lines: int) -> Path:
    target.write_bytes(b"".join(source.read_bytes().splitlines(keepends=True)[:lines]))
    return target


def collect(df: "DataFrame") -> dict[int, dict[str, Any]]:
    rows = [row.asDict(recursive=True) for row in df.collect()]
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def by_the_command(path: Path, out: Path, **fields: Any) -> dict[int, dict[str, Any]]:
    tag_files([str(path)], out, fields=Fields(**fields), options=RunOptions(jobs=1))
    return {record["id"]: record for record in map(orjson.loads, out.read_bytes().splitlines())}


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({}, {}),
        (
            {"title_column": "TITLE", "paragraphs": True, "explain": 2, "min_probability": 0.1},
            {"title": "title", "paragraphs": True, "explain": 2, "min_probability": 0.1},
        ),
        ({"output_column": "tags", "topics_only": True}, {"output": "tags", "topics_only": True}),
    ],
    ids=["default", "everything", "topics only"],
)
def test_rows_gain_what_the_command_gives(
    spark: "SparkSession", articles: Path, tmp_path: Path, options: dict[str, Any], fields: dict[str, Any]
) -> None:
    if "explain" in options:  # which takes its time
        articles = shorten(articles, tmp_path / "some.jsonl", 50)
    tagged = tagger.spark.tag(read(spark, articles), **options)
    expected = by_the_command(articles, tmp_path / "out.jsonl", **fields)
    assert len(expected) > (500 if "explain" not in options else 49)
    assert collect(tagged) == expected


def test_columns_are_typed(spark: "SparkSession") -> None:
    df = spark.createDataFrame([(1, "交警查处酒驾三起。\n今天下雨。")], "id int, text string")
    tagged = tagger.spark.tag(df, paragraphs=True)
    assert tagged.schema == tagger.spark.schema(df.schema, fields=Fields(paragraphs=True))
    typed = tagged.schema.simpleString()
    assert typed.startswith("struct<id:int,text:string,topics:array<string>,titles:array<string>,probabilities:map<")
    paragraphs = "start:int,end:int,text:string,furniture:boolean,topics:array<string>,titles:array<string>"
    assert f",paragraphs:array<struct<{paragraphs}," in typed
    sure = tagged.where("array_contains(topics, 'law_enforcement') and probabilities['law_enforcement'] > 0.5")
    place = "substring(text, paragraphs[0].start + 1, paragraphs[0].end - paragraphs[0].start)"
    assert sure.selectExpr(place).collect()[0][0] == "交警查处酒驾三起。"


def test_rows_without_a_text_are_empty_and_counted(spark: "SparkSession") -> None:
    missing = spark.sparkContext.accumulator(0)
    df = spark.createDataFrame([(1, "交警查处酒驾三起。"), (2, None), (3, ""), (4, None)], "id int, text string")
    found = collect(tagger.spark.tag(df, missing=missing))
    assert [found[number]["topics"] for number in (1, 2, 3, 4)] == [["law_enforcement"], [], [], []]
    assert set(found[2]["probabilities"].values()) == {0.0}
    assert missing.value == 2
    assert collect(tagger.spark.tag(df, text_column="id", missing=missing))[1]["topics"] == []
    assert missing.value == 2 + 4
    assert spark.createDataFrame([], df.schema).transform(tagger.spark.tag).collect() == []


def test_columns_of_any_name_and_type_stay_as_they_are(spark: "SparkSession") -> None:
    df = spark.createDataFrame([("交警查处酒驾三起。", 1)], "`the.text` string, `a` int").selectExpr(
        "`the.text`", "a", "a AS `a`", "map(a, array(a)) AS m", "timestamp'2024-02-29 12:00:00' AS t", "1.50BD AS d"
    )
    tagged = tagger.spark.tag(df, text_column="the.text", topics_only=True)
    assert tagged.columns == ["the.text", "a", "a", "m", "t", "d", "topics"]
    assert [field.dataType for field in tagged.schema][:-1] == [field.dataType for field in df.schema]
    assert list(tagged.collect()[0])[:-1] == list(df.collect()[0])
    with pytest.raises(SettingsError, match="there are 2 columns 'a': rename one"):
        tagger.spark.tag(df, text_column="a")


def test_a_column_that_is_there_is_left_alone_unless_asked(spark: "SparkSession") -> None:
    df = spark.createDataFrame([(1, "交警查处酒驾三起。", "?")], "id int, text string, Topics string")
    with pytest.raises(SettingsError, match="there is a column 'Topics' already: overwrite=True replaces it"):
        tagger.spark.tag(df)
    tagged = tagger.spark.tag(df, overwrite=True)
    assert (tagged.columns[:3], tagged.collect()[0].topics) == (["id", "text", "topics"], ["law_enforcement"])
    with pytest.raises(SettingsError, match="no column 'body'; found: id, text, Topics"):
        tagger.spark.tag(df, text_column="body")
    with pytest.raises(SettingsError, match="column 'Topics' is read and written at once"):
        tagger.spark.tag(df, text_column="topics", overwrite=True)
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        assert tagger.spark.tag(df).columns[2:4] == ["Topics", "topics"]
    finally:
        spark.conf.unset("spark.sql.caseSensitive")
    with pytest.raises(ModelError, match="there is no such model folder"):
        tagger.spark.tag(df, "none")


def test_the_dictionary_is_alive_in_every_worker_and_loaded_once(spark: "SparkSession", keyword_model: Path) -> None:
    from pyspark.sql.types import StructType  # noqa: PLC0415 - may be missing

    df = spark.range(400, numPartitions=8).selectExpr("id", f"'看{KEYWORD}去' AS text")
    tagged = tagger.spark.tag(df, keyword_model, explain=50)
    ours = tagger.load(keyword_model)
    assert (KEYWORD, "word") in {(c.feature, c.kind) for e in ours.explain(f"看{KEYWORD}去") for c in e.contributions}
    told = StructType(list(tagged.schema))
    for name in ("executor", "worker", "loads"):
        told.add(name, "long")
    rows = tagged.mapInArrow(on_executors.tell_worker, told).collect()
    for row in rows:
        assert row.topics == ["fruit"]
        assert (KEYWORD, "word") in {(f["feature"], f["kind"]) for f in row.explanations[0]["features"]}
    workers = {(row.executor, row.worker) for row in rows}
    assert len({executor for executor, _ in workers}) == 2
    # Each worker has loaded one model for each of the tests that it served, however many batches there were.
    for executor, worker in workers:
        assert len({row.loads for row in rows if (row.executor, row.worker) == (executor, worker)}) == 1


def test_the_model_is_sent_once_in_a_session(spark: "SparkSession", keyword_model: Path) -> None:
    df = spark.createDataFrame([("苹果",)], "text string")
    for _ in range(2):
        assert tagger.spark.tag(df, keyword_model).collect()[0].topics == ["fruit"]
    sent = [name for name in spark.sparkContext.listArchives if model_hash(keyword_model)[:16] in name]
    assert len(sent) == 1
    batch = pytest.importorskip("pyarrow").RecordBatch.from_pylist([{"_0": "苹果"}])
    work = partial(tag_shipped, names=["text"], fields=Fields(topics_only=True), digest=model_hash(keyword_model))
    # The driver has unpacked it too.
    (here,) = work([batch], model=f"tagger-model-{model_hash(keyword_model)[:16]}", shipped=True)
    (there,) = work([batch], model=str(keyword_model), shipped=False)
    assert here.to_pylist() == there.to_pylist() == [{"_0": "苹果", "_1": ["fruit"]}]


@pytest.mark.parametrize("whom", ["worker", "executor"])
def test_a_job_is_right_though_one_is_killed_in_its_midst(
    spark: "SparkSession", articles: Path, tmp_path: Path, whom: str
) -> None:
    marker = tmp_path / "killed"
    tagged = tagger.spark.tag(read(spark, articles))
    broken = tagged.mapInArrow(partial(on_executors.kill_once, whom=whom, marker=str(marker)), tagged.schema)
    assert collect(broken) == by_the_command(articles, tmp_path / "out.jsonl")
    killed, rows = map(int, marker.read_text().split())
    assert rows > 0
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)


def test_another_model_on_the_executors_is_refused(spark: "SparkSession", keyword_model: Path, tmp_path: Path) -> None:
    shutil.copytree(keyword_model, tmp_path / "model")
    df = spark.createDataFrame([("苹果",)], "text string")
    tagged = tagger.spark.tag(df, tmp_path / "model", ship=False)
    assert tagged.collect()[0].topics == ["fruit"]
    shutil.copytree(shipped_model(), tmp_path / "other")
    lazy = tagger.spark.tag(df, tmp_path / "other", ship=False)
    shutil.rmtree(tmp_path / "other")
    shutil.copytree(keyword_model, tmp_path / "other")
    message = f"holds another model than the one that this run began with: its hash is {model_hash(keyword_model)}, not"
    with pytest.raises(Exception, match=message):
        lazy.collect()


def test_the_schema_serves_those_who_map_themselves(spark: "SparkSession") -> None:
    df = spark.createDataFrame([(1, "交警查处酒驾三起。"), (2, None)], "id int, text string")
    expected = collect(tagger.spark.tag(df))
    given = tagger.spark.schema(df.schema)
    assert collect(df.mapInArrow(tagger.spark.tag_batches, given)) == expected

    def tag_frames(frames: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa  # noqa: PLC0415 - on the executors

        from tagger.spark import tag_batches  # noqa: PLC0415

        for frame in frames:
            batch = pa.RecordBatch.from_pandas(frame, preserve_index=False)
            for tagged in tag_batches([batch]):
                yield tagged.to_pandas(maps_as_pydicts="strict")

    assert collect(df.mapInPandas(tag_frames, given)) == expected
    assert tagger.spark.schema().fieldNames() == list(gained_columns(Fields()))

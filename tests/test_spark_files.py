"""Folders in, folders out: `python -m tagger.spark` and what it calls."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from command_line import invoke
from spark_cluster import what_is_missing

from tagger.errors import RunError, SettingsError
from tagger.spark import FileOptions, FileSummary, tag_files
from tagger.spark.__main__ import main
from tagger.spark.needs import require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.full,
    # PySpark 4.0 leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

LINES = [
    '{"id": 1, "text": "苹果和火车", "more": {"a": [1, 2]}}',
    '{"id": 2, "text": "下雨了"}',
    "",
    "{",
    '{"id": "x", "text": "苹果"}',
    "[1]",
    '{"id": 3, "text": null}',
    '{"id": 4, "text": "香蕉", "more": null}',
]
SCHEMA = "id BIGINT, text STRING, more STRUCT<a: ARRAY<INT>>"


@pytest.fixture
def lines(tmp_path: Path) -> str:
    (tmp_path / "in.jsonl").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return str(tmp_path / "in.jsonl")


def written(folder: Path) -> list[dict[str, object]]:
    parts = sorted(folder.rglob("part-*.json"))
    return [orjson.loads(line) for part in parts for line in part.read_bytes().splitlines()]


def test_lines_that_are_no_records_are_kept_apart(
    spark: "SparkSession", lines: str, model: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    summary = tag_files(spark, lines, out, model=model, options=FileOptions(schema=SCHEMA))
    assert summary == FileSummary(tagged=4, missing=1, rejected=3, rejects=f"{out}.rejects")
    records = written(tmp_path / "out")
    assert [(record["id"], record["topics"]) for record in records] == [
        (1, ["fruit", "train"]),
        (2, []),
        (3, []),
        (4, ["fruit"]),
    ]
    assert records[0]["more"] == {"a": [1, 2]}
    rejects = written(tmp_path / "out.rejects")
    assert [record["raw"] for record in rejects] == [LINES[3], LINES[4], LINES[5]]
    assert {str(record["file"]).rpartition("/")[2] for record in rejects} == {"in.jsonl"}


def test_the_schema_is_found_where_none_is_given(
    spark: "SparkSession", lines: str, model: Path, tmp_path: Path
) -> None:
    first = tag_files(spark, lines, str(tmp_path / "a.parquet"), model=model)
    assert (first.tagged, first.rejected) == (5, 2)  # an identifier may be a string then
    second = tag_files(spark, str(tmp_path / "a.parquet"), str(tmp_path / "b.jsonl"), model=model, overwrite=True)
    assert second == FileSummary(tagged=5, missing=1, rejected=0, rejects=None)
    assert spark.read.parquet(str(tmp_path / "a.parquet")).schema["probabilities"].dataType.simpleString() == (
        "map<string,double>"
    )
    assert sorted(str(record["id"]) for record in written(tmp_path / "b.jsonl")) == ["1", "2", "3", "4", "x"]


@pytest.mark.parametrize("columns", [{}, {"output_column": "tags"}, {"output_column": "tags", "topics_only": True}])
def test_a_folder_for_each_topic_holds_the_rows_that_have_it(
    spark: "SparkSession", lines: str, model: Path, tmp_path: Path, columns: dict[str, object]
) -> None:
    options = FileOptions(schema=SCHEMA, by_topic=True)
    assert tag_files(spark, lines, str(tmp_path / "out"), model=model, options=options, **columns).tagged == 4
    folders = {path.name: [record["id"] for record in written(path)] for path in (tmp_path / "out").glob("topic=*")}
    assert folders == {"topic=fruit": [1, 4], "topic=train": [1], "topic=__HIVE_DEFAULT_PARTITION__": [2, 3]}


def test_what_cannot_be_is_refused(spark: "SparkSession", lines: str, model: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is read and written at once"):
        tag_files(spark, f"{tmp_path}/x", f"{tmp_path}/x/", model=model)
    with pytest.raises(SettingsError, match="it must name fields and types"):
        tag_files(spark, lines, str(tmp_path / "out"), model=model, options=FileOptions(schema="STRING"))
    with pytest.raises(SettingsError, match="is Parquet, which has a schema: leave --schema out"):
        tag_files(spark, "in.parquet", str(tmp_path / "out"), model=model, options=FileOptions(schema=SCHEMA))
    options = FileOptions(schema="topic STRING, text STRING", by_topic=True)
    with pytest.raises(SettingsError, match="there is a column 'topic' already"):
        tag_files(spark, lines, str(tmp_path / "out"), model=model, options=options)


def test_the_command_tells_what_it_did_and_what_was_wrong(
    spark: "SparkSession", lines: str, model: Path, tmp_path: Path
) -> None:
    assert spark.getActiveSession() is not None
    out = str(tmp_path / "out")
    arguments = [lines, out, "--model", str(model), "--schema", SCHEMA, "--no-ship"]
    done = invoke(main, arguments)
    assert (done.exit_code, done.stderr) == (
        0,
        f"{out}: 4 rows tagged, 1 of them without a text\n3 lines are not records: {out}.rejects\n",
    )
    done = invoke(main, arguments)
    assert done.exit_code == 1
    assert "already exists" in done.stderr
    done = invoke(main, [*arguments, "--mode", "append"])
    assert (done.exit_code, len(written(tmp_path / "out")), len(written(tmp_path / "out.rejects"))) == (0, 8, 6)
    done = invoke(main, [*arguments, "--mode", "overwrite", "--text-column", "body"])
    assert (done.exit_code, "no column 'body'; found: id, text, more" in done.stderr) == (2, True)
    done = invoke(main, [lines, out, "--model", str(tmp_path)])
    assert (done.exit_code, "is not a model" in done.stderr) == (1, True)
    good = tmp_path / "good.jsonl"
    good.write_text(LINES[0] + "\n", encoding="utf-8")
    done = invoke(main, [str(good), out, "--model", str(model), "--mode", "overwrite"])
    assert (done.exit_code, done.stderr) == (0, f"{out}: 1 row tagged, 0 of them without a text\n")


def test_the_command_starts_spark_on_this_machine(lines: str, model: Path, tmp_path: Path) -> None:
    if missing := what_is_missing():
        pytest.skip(missing)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "tagger.spark", lines, str(out), "--model", str(model), "--schema", SCHEMA]
    # What the user asks of Spark holds, and is not replaced by our own choice.
    asked = "--conf spark.sql.execution.arrow.maxRecordsPerBatch=2 --conf spark.ui.enabled=false pyspark-shell"
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": asked}
    # Workers run in the Python that runs the command, wherever that is and whatever the PATH says.
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)
    assert f"{out}: 4 rows tagged, 1 of them without a text\n" in done.stderr
    assert len(written(out)) == 4


def test_missing_packages_are_told() -> None:
    missing = "import sys; sys.modules.update(dict.fromkeys(['pyspark', 'pyarrow', 'pandas']))"
    code = f"{missing}; from tagger.spark.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "in", "out"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "Error: tagging on Spark needs pyspark and pyarrow and pandas: pip install 'tagger-zh[spark]'\n",
    )


def test_missing_java_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RunError, match=f"Spark needs Java 17 or later, and there is none in JAVA_HOME, {tmp_path}:"):
        require_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="there is none on the PATH: install one"):
        require_java()
    (tmp_path / "java").touch(mode=0o755)
    require_java()

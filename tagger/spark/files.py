"""Folders of JSON lines or Parquet in → a folder out, on all machines of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tagger.batch import Fields
from tagger.batch.inputs import JSON_LINES
from tagger.errors import SettingsError
from tagger.messages import _
from tagger.spark.frames import tag
from tagger.spark.needs import require_pyspark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["CORRUPT", "REJECTS", "FileOptions", "FileSummary", "tag_files"]

Format = Literal["json", "parquet"]
Mode = Literal["error", "overwrite", "append"]

CORRUPT = "_corrupt_record"
REJECTS = ".rejects"
_TOPIC = "topic"
_REASON = "not a JSON object, or a field has another type than in the schema"


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How files are read and written.

    Attributes:
        input_format: "json" for JSON lines, or "parquet"; None: by the name, which ends in .parquet or not.
        output_format: likewise; None: by the name, else as the input.
        schema: of JSON lines, such as "id BIGINT, text STRING". None reads all lines once more, to infer it.
        by_topic: write a folder for each topic, `topic=anti_fraud`. A row with several topics is in several, a row
            without any is in `topic=__HIVE_DEFAULT_PARTITION__`.
        mode: what happens to an output that exists: "error", "overwrite" or "append".
    """

    input_format: Format | None = None
    output_format: Format | None = None
    schema: str | None = None
    by_topic: bool = False
    mode: Mode = "error"


@dataclass(frozen=True)
class FileSummary:
    """What became of the rows.

    Attributes:
        tagged: rows that were tagged.
        missing: those of them without a text, tagged as empty; more where tasks had to be repeated.
        rejected: lines that are not records.
        rejects: the folder they are in; None where there can be none, as with Parquet.
    """

    tagged: int
    missing: int
    rejected: int
    rejects: str | None


def tag_files(
    session: SparkSession,
    source: str,
    target: str,
    *,
    model: str | Path | None = None,
    options: FileOptions | None = None,
    **columns: Any,
) -> FileSummary:
    """Tag files of JSON lines or Parquet into a folder, and return the counts.

    `source` and `target` are whatever Spark reads and writes: folders, patterns, hdfs:// or s3a:// addresses.
    `columns` are passed to `tag`. Lines that are not records go to the folder `TARGET.rejects`, as JSON lines with
    `file`, `reason` and `raw`; blank lines are skipped.

    Raises:
        ModelError, RunError, SettingsError: as `tag`; also when the output is the input, or a column `topic` is there
            where a folder for each is asked for. What Spark raises is passed on.
    """
    require_pyspark()
    from pyspark.sql import Observation  # noqa: PLC0415 - an extra, and not quick
    from pyspark.sql import functions as sql  # noqa: PLC0415 - likewise

    options = options or FileOptions()
    target = target.rstrip("/")
    if target == source.rstrip("/"):
        raise SettingsError(_("{folder}: is read and written at once: name another folder to write", folder=target))
    read_as = options.input_format or _format(source, "json")
    if options.schema is not None and read_as == "parquet":
        raise SettingsError(_("{folder}: is Parquet, which has a schema: leave --schema out", folder=source))
    write_as = options.output_format or _format(target, read_as)
    given, corrupt = _read(session, source, read_as, options.schema)
    missing, rows = session.sparkContext.accumulator(0), Observation()
    tagged = tag(given, model, missing=missing, **columns).observe(rows, sql.count(sql.lit(1)).alias("rows"))
    writer = (_by_topic(tagged, **columns) if options.by_topic else tagged).write.mode(options.mode)
    if options.by_topic:
        writer = writer.partitionBy(_TOPIC)
    writer.format(write_as).save(target)
    if corrupt is None:
        return FileSummary(rows.get["rows"], missing.value, 0, None)
    rejects, lines = f"{target}{REJECTS}", Observation()
    # Rejects of an earlier run are replaced together with its output.
    mode = "append" if options.mode == "append" else "overwrite"
    corrupt.observe(lines, sql.count(sql.lit(1)).alias("rows")).write.mode(mode).json(rejects)
    return FileSummary(rows.get["rows"], missing.value, lines.get["rows"], rejects)


def _format(name: str, other: Format) -> Format:
    if name.rstrip("/").endswith(".parquet"):
        return "parquet"
    return "json" if name.rstrip("/").endswith((".json", *JSON_LINES)) else other


def _read(session: SparkSession, source: str, read_as: Format, ddl: str | None) -> tuple[DataFrame, DataFrame | None]:
    """Return the records, and the lines that are not records."""
    from pyspark.sql import functions as sql  # noqa: PLC0415 - an extra, and not quick
    from pyspark.sql.types import DataType, StringType, StructField, StructType  # noqa: PLC0415 - likewise

    if read_as == "parquet":
        return session.read.parquet(source), None
    # As text: where Spark reads JSON itself it cannot return only the corrupt records, and it does not check columns
    # that a query leaves out.
    lines = session.read.text(source, lineSep="\n").where(r"value RLIKE '\\S'")
    folders = [name for name in lines.columns if name != "value"]
    found: DataType = session.read.json(source, lineSep="\n").schema if ddl is None else StructType.fromDDL(ddl)
    if not isinstance(found, StructType):
        raise SettingsError(
            _("schema {schema!r}: it must name fields and types, such as 'id BIGINT, text STRING'", schema=ddl)
        )
    names = [field for field in found if field.name not in {CORRUPT, *folders}]
    explicit = StructType([*names, StructField(CORRUPT, StringType())])
    how = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT}
    # With inline, Spark does not parse every line a second time for the filter on the outcome.
    parsed = sql.inline(sql.array(sql.from_json("value", explicit, how)))
    records = lines.select(*folders, parsed).where(sql.col(CORRUPT).isNull()).drop(CORRUPT)
    corrupt = lines.select(sql.input_file_name().alias("file"), parsed).where(sql.col(CORRUPT).isNotNull())
    return records, corrupt.select("file", sql.lit(_REASON).alias("reason"), sql.col(CORRUPT).alias("raw"))


def _by_topic(
    tagged: DataFrame, *, output_column: str | None = None, topics_only: bool = False, **_columns: Any
) -> DataFrame:
    """Repeat each row for each of its topics; a row without any stays once."""
    from pyspark.sql import functions as sql  # noqa: PLC0415 - an extra, and not quick

    if _TOPIC in tagged.columns:
        raise SettingsError(
            _("there is a column {column!r} already: rename it, or write no folder for each topic", column=_TOPIC)
        )
    column, *members = Fields(output=output_column, topics_only=topics_only).topics_path
    return tagged.withColumn(_TOPIC, sql.explode_outer(reduce(getitem, members, tagged[column])))

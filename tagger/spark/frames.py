"""DataFrame → DataFrame with the topics of its texts, by `mapInArrow`."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagger.batch import Fields, gained_columns, tag_batches
from tagger.batch.arrow import Counter
from tagger.batch.record import DEFAULT_FIELDS, Column
from tagger.batch.workers import open_expected
from tagger.errors import SettingsError
from tagger.messages import _, joined
from tagger.model import model_files, model_hash, shipped_model
from tagger.spark.needs import require_pyspark

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.accumulators import Accumulator
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType, StructType

__all__ = ["schema", "tag", "tag_shipped"]


def tag(
    df: DataFrame,
    model: str | Path | None = None,
    *,
    text_column: str = "text",
    title_column: str | None = None,
    output_column: str | None = None,
    paragraphs: bool = False,
    explain: int = 0,
    min_probability: float = 0.0,
    topics_only: bool = False,
    overwrite: bool = False,
    simplify: bool = False,
    ship: bool = True,
    missing: Accumulator[int] | None = None,
) -> DataFrame:
    """Return a DataFrame with its columns and the topics of its texts, as the JSON lines of `tagger tag` have them.

    Rows keep their partitions and their order there; as always in Spark, nothing happens before an action asks for it,
    and nothing is collected. The columns gained are those of `tagger.batch.gained_columns`, described in docs/batch.md.

    A text that is null or not a string is tagged as an empty one. With `ship` the model is sent to the executors as an
    archive (`SparkContext.addArchive`); each Python worker loads it once, memory-mapped, and refuses it if its hash is
    not that of the model here.

    Args:
        df: any DataFrame; how many rows come to Python at once is `spark.sql.execution.arrow.maxRecordsPerBatch`.
        model: the model folder, as this process sees it; the shipped one when left out.
        text_column: the column that holds the text.
        title_column: a column whose text comes first, as a paragraph of its own; paragraphs then have a `field`.
        output_column: one struct for all that is gained, or for the list of `topics_only`.
        paragraphs: gain the paragraphs too.
        explain: gain this many of the features that decided most for each topic.
        min_probability: leave out topics less probable than this.
        topics_only: gain nothing but the list of topics.
        overwrite: replace columns of these names, instead of refusing.
        simplify: read traditional characters as simplified ones; every executor needs OpenCC.
        ship: False if every executor finds the model under the same path, for instance on a shared disk.
        missing: an accumulator, `spark.sparkContext.accumulator(0)`, to which rows without a text are added; as with
            all accumulators, a task that is repeated adds its rows again.

    Raises:
        ModelError: when the model cannot be loaded.
        RunError: when pyspark or what it needs is missing; and in the job, when an executor has another model.
        SettingsError: when a column is missing or taken, or settings contradict each other.
    """
    require_pyspark()
    from pyspark.sql.types import StructType  # noqa: PLC0415 - an extra, and not quick

    folder = Path(shipped_model() if model is None else model).resolve()
    digest = model_hash(folder)
    open_expected(folder, digest)
    fields = Fields(
        text=_find_column(df, text_column),
        title=None if title_column is None else _find_column(df, title_column),
        output=output_column,
        paragraphs=paragraphs,
        explain=explain,
        min_probability=min_probability,
        topics_only=topics_only,
        overwrite=overwrite,
        simplify=simplify,
    )
    kept = _kept_columns(df, fields)
    names = [df.columns[number] for number in kept]
    work = partial(
        tag_shipped,
        model=_ship(df.sparkSession, folder, digest) if ship else str(folder),
        shipped=ship,
        names=names,
        fields=fields,
        digest=digest,
        missing=missing,
    )
    found = schema(StructType([df.schema[number] for number in kept]), fields=fields)
    return _map_batches(df, kept, work, found)


def schema(given: StructType | None = None, *, fields: Fields = DEFAULT_FIELDS) -> StructType:
    """Return the schema of what `tag_batches` makes of rows of the schema `given`: its columns, and those gained.

    Without `given`, those gained alone.

    Raises:
        RunError: when pyspark is missing.
    """
    require_pyspark()
    from pyspark.sql.types import StructField, StructType  # noqa: PLC0415 - an extra, and not quick

    gained = gained_columns(fields)
    kept = [] if given is None else [field for field in given if field.name not in gained]
    return StructType([*kept, *(StructField(name, _spark_type(column)) for name, column in gained.items())])


def _map_batches(df: DataFrame, kept: Sequence[int], work: Callable[..., Any], found: StructType) -> DataFrame:
    """Map record batches of the columns that are kept, by `work`, to a DataFrame of the schema `found`.

    A dot in a name, or two columns of the same name, break mapInArrow: in it, all have plain names.
    """
    from pyspark.sql.types import StructField, StructType  # noqa: PLC0415 - an extra, and not quick

    through = StructType(
        [
            StructField(name, field.dataType, field.nullable, field.metadata)
            for name, field in zip(_plain_names(len(found)), found, strict=True)
        ]
    )
    given = df.toDF(*_plain_names(len(df.columns))).select(*(f"_{number}" for number in kept))
    return given.mapInArrow(work, through).toDF(*found.names)


def tag_shipped(
    batches: Iterable[pa.RecordBatch],
    *,
    model: str,
    shipped: bool,
    names: Sequence[str],
    fields: Fields,
    digest: str,
    missing: Counter | None = None,
) -> Iterator[pa.RecordBatch]:
    """Tag what Spark passes to a Python worker: this runs on the executors.

    `names` are those that the columns really have; `model` is a folder, or where it was `shipped` the name of its
    archive.
    """
    if shipped:
        from pyspark import SparkFiles  # noqa: PLC0415 - an extra

        model = SparkFiles.get(model)
    named = (batch.rename_columns(list(names)) for batch in batches)
    for batch in tag_batches(named, model=model, fields=fields, digest=digest, missing=missing):
        yield batch.rename_columns(_plain_names(batch.num_columns))


def _find_column(df: DataFrame, name: str) -> str:
    """Return the name that a column really has, as Spark may ignore upper and lower case."""
    found = [column for column in df.columns if _key(df, column) == _key(df, name)]
    if len(found) > 1:
        raise SettingsError(_("there are {number} columns {column!r}: rename one", number=len(found), column=name))
    if not found:
        names = joined(df.columns) or _("none")
        raise SettingsError(_("no column {column!r}; found: {found}", column=name, found=names))
    return found[0]


def _kept_columns(df: DataFrame, fields: Fields) -> list[int]:
    """Return the positions of the columns that are not replaced."""
    gained = {_key(df, name) for name in fields.gained}
    taken = [name for name in df.columns if _key(df, name) in gained]
    if clash := {fields.text, fields.title}.intersection(taken):
        raise SettingsError(
            _(
                "column {column!r} is read and written at once: name another output column",
                column=min(map(str, clash)),
            )
        )
    if taken and not fields.overwrite:
        raise SettingsError(_("there is a column {column!r} already: overwrite=True replaces it", column=taken[0]))
    return [number for number, name in enumerate(df.columns) if name not in taken]


def _plain_names(columns: int) -> list[str]:
    return [f"_{number}" for number in range(columns)]


def _key(df: DataFrame, name: str) -> str:
    sensitive = str(df.sparkSession.conf.get("spark.sql.caseSensitive", "false"))
    return name if sensitive.lower() == "true" else name.lower()


def _ship(session: SparkSession, folder: Path, digest: str) -> str:
    """Send a model to all executors, once in a session, and return the name under which they find it."""
    name = f"tagger-model-{digest[:16]}"
    context = session.sparkContext
    if not any(name in archive for archive in context.listArchives):
        # Executors fetch it from here whenever they start, so it stays as long as this process.
        archives = Path(tempfile.mkdtemp(prefix="tagger-"))
        atexit.register(shutil.rmtree, archives, ignore_errors=True)
        with zipfile.ZipFile(archives / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in model_files(folder):
                archive.write(path, path.name)
        context.addArchive(f"{(archives / f'{name}.zip').as_uri()}#{name}")
    return name


def _spark_type(column: Column) -> DataType:
    from pyspark.sql import types  # noqa: PLC0415 - an extra

    if isinstance(column, list):
        return types.ArrayType(_spark_type(column[0]))
    if isinstance(column, dict):
        return types.StructType([types.StructField(name, _spark_type(member)) for name, member in column.items()])
    names: dict[str, Any] = {
        "string": types.StringType(),
        "int": types.IntegerType(),
        "boolean": types.BooleanType(),
        "double": types.DoubleType(),
        "map<string,double>": types.MapType(types.StringType(), types.DoubleType()),
    }
    spark_type: DataType = names[column]
    return spark_type

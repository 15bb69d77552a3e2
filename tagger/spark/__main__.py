"""`python -m tagger.spark IN OUT`, and what spark-submit runs: parse, call the library, print."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from tagger.cli.group import field_options
from tagger.cli.printing import echo, printable
from tagger.cli.sections import Command
from tagger.errors import SettingsError, TaggerError
from tagger.messages import _n
from tagger.spark.files import FileOptions, tag_files
from tagger.spark.needs import require_java, require_pyspark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["main"]

_FORMATS = click.Choice(["json", "parquet"])
_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
# A few megabytes of articles; Spark's default of 10,000 would be about fifty, and as much again for the output.
_ROWS = "1000"


@click.command(
    cls=Command,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: python -m tagger.spark articles.jsonl tagged --schema 'id STRING, text STRING'",
)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("--model", metavar="DIR", help="Model folder; the shipped model when left out.")
@click.option(
    "--no-ship",
    "ship",
    is_flag=True,
    default=True,
    flag_value=False,
    help="Do not send the model: all machines have DIR.",
)
@field_options("column")
@click.option("--input-format", type=_FORMATS, help="JSON lines or Parquet.  [default: by the name, or json]")
@click.option("--output-format", type=_FORMATS, help="JSON lines or Parquet.  [default: by the name, or as the input]")
@click.option(
    "--schema",
    metavar="DDL",
    help="Fields of JSON lines and their types.  [default: inferred by reading all lines once more]",
)
@click.option("--partition-by-topic", "by_topic", is_flag=True, help="Write a folder for each topic.")
@click.option(
    "--mode",
    type=click.Choice(["error", "overwrite", "append"]),
    default="error",
    show_default=True,
    help="What to do if OUT exists.",
)
def main(source: str, target: str, **how: Any) -> None:
    """Tag JSON lines or Parquet on Spark: files, folders and patterns in, the folder OUT out.

    Lines that are not records go to the folder OUT.rejects, and the run goes on. Under spark-submit, its session is
    used; otherwise one is started on this machine. Exit codes: 0 if all was tagged or rejected, as a cluster would
    repeat a job that ends with another code; 1 if not; 2 bad usage.
    """
    options = FileOptions(
        **{name: how.pop(name) for name in ("input_format", "output_format", "schema", "by_topic", "mode")}
    )
    try:
        require_pyspark()
        require_java()
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

        session, own = _open_session()
        try:
            found = tag_files(session, source, target, options=options, **how)
        except PySparkException as error:
            raise click.ClickException(printable(str(error))) from error
        finally:
            if own:
                session.stop()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except TaggerError as error:
        raise click.ClickException(printable(str(error))) from error
    said = _n(
        "{folder}: {n} row tagged, {missing} of them without a text",
        "{folder}: {n} rows tagged, {missing} of them without a text",
        found.tagged,
        folder=target,
        missing=found.missing,
    )
    echo(said, err=True)
    if found.rejected:
        said = _n(
            "{n} line is no record: {folder}",
            "{n} lines are not records: {folder}",
            found.rejected,
            folder=found.rejects,
        )
        echo(said, err=True)


def _open_session() -> tuple[SparkSession, bool]:
    """Return the session that is there, or a new one, and whether it is new."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, and not quick

    own = SparkSession.getActiveSession() is None
    if own and "PYSPARK_GATEWAY_PORT" not in os.environ:
        # Without spark-submit all is on this machine, and Spark would start the first `python3` on the PATH, which
        # may not be the one that has Tagger.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("tagger").getOrCreate()
    if session.sparkContext.getConf().get(_BATCH) is None:
        session.conf.set(_BATCH, _ROWS)
    return session, own


if __name__ == "__main__":
    main(prog_name="python -m tagger.spark")

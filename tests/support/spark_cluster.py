"""A Spark cluster on this machine: the executors are processes of their own."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def what_is_missing() -> str:
    if any(importlib.util.find_spec(name) is None for name in ("pyspark", "pyarrow", "pandas")):
        return "pyspark is not installed: pip install 'tagger-zh[spark]'"
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        return "Java is not installed: apt-get install default-jre-headless"
    if sys.platform != "linux":
        return "the tests look for processes in /proc"
    return ""


@contextmanager
def cluster(folder: Path, *, workers: int = 2) -> Iterator["SparkSession"]:
    """Start workers with a core each and let them end; what they write stays in the folder."""
    import pyspark  # noqa: PLC0415 - may be missing
    from pyspark.sql import SparkSession  # noqa: PLC0415

    # Workers write to SPARK_HOME, which should not be where the package is installed.
    home = folder / "home"
    home.mkdir()
    for path in Path(pyspark.__file__).parent.iterdir():
        (home / path.name).symlink_to(path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(kept, SPARK_HOME=str(home), SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    try:
        session = (
            SparkSession.builder.master(f"local-cluster[{workers},1,2048]")
            .appName("tagger")
            .config("spark.executor.memory", "1g")
            .config("spark.local.dir", str(folder / "local"))
            .config("spark.log.level", "OFF")
            # All executors are there before the first task is given out.
            .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.submit.pyFiles", str(Path(__file__).parent / "on_executors.py"))
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
    finally:
        os.environ.clear()
        os.environ.update(before)
    try:
        yield session
    finally:
        session.stop()

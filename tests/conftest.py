import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browser, open_browser
from browser import what_is_missing as browser_missing
from hypothesis import settings
from spark_cluster import cluster, what_is_missing

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.text import read_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[1]

# On a busy machine the first example takes any time.
settings.register_profile("tagger", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)

# Tests read English, in this process and in those that it starts, whatever the machine's language. TAGGER_LANG would
# decide the language of pages as well.
os.environ.pop("TAGGER_LANG", None)
os.environ["LANGUAGE"] = "en"


def pytest_configure(config: pytest.Config) -> None:
    """The run without the full tests makes do with fewer examples: 19 of its 250 seconds."""
    settings.load_profile("quick" if config.option.markexpr == "not full" else "tagger")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def dataset(root: Path) -> Dataset:
    """What the shipped model is trained on."""
    return read_dataset(root / "labels.csv")


@pytest.fixture(scope="session")
def seed_texts() -> list[str]:
    return [read_text(path) for path in sorted((ROOT / "seeds").glob("*.txt"))]


@pytest.fixture(scope="session")
def tiny_labels() -> Path:
    return ROOT / "tests" / "cases" / "tiny.jsonl"


@pytest.fixture(scope="session")
def tiny(tiny_labels: Path) -> tagger.Tagger:
    """A tagger of two topics, trained once a run on a corpus that can be read at a glance."""
    return tagger.train(tiny_labels)


@pytest.fixture(scope="session")
def model(tiny: tagger.Tagger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that tagger, to be read only."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tiny.save(folder)
    return folder


@pytest.fixture(scope="session")
def exclusive(root: Path) -> tagger.Tagger:
    return tagger.train(root / "tests" / "cases" / "exclusive.csv")


@pytest.fixture(scope="session")
def shipped() -> tagger.Tagger:
    return tagger.load()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """Two executors, started once a run. TAGGER_SPARK=required makes a failure of what would be skipped."""
    if missing := what_is_missing():
        if os.environ.get("TAGGER_SPARK") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    with cluster(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests. TAGGER_BROWSER=required makes a failure of what would be skipped."""
    if missing := browser_missing():
        if os.environ.get("TAGGER_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def browser(window: Browser) -> Browser:
    window.resize(1280)
    return window

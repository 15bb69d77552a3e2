from pathlib import Path

import pytest

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.text import read_text

ROOT = Path(__file__).parents[1]


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
def exclusive(root: Path) -> tagger.Tagger:
    return tagger.train(root / "tests" / "cases" / "exclusive.csv")


@pytest.fixture(scope="session")
def shipped() -> tagger.Tagger:
    return tagger.load()

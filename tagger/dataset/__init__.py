"""labels.csv, JSON lines and topics.toml → checked examples."""

from tagger.dataset.checks import Dataset, read_dataset, read_held_out
from tagger.dataset.labels import read_labels, read_unlabelled
from tagger.dataset.topics import read_topics

__all__ = [
    "Dataset",
    "read_dataset",
    "read_held_out",
    "read_labels",
    "read_topics",
    "read_unlabelled",
]

"""labels.csv, JSON lines and topics.toml → checked examples."""

from tagger.dataset.checks import Dataset, read_dataset
from tagger.dataset.labels import read_labels, write_labels
from tagger.dataset.topics import read_topics

__all__ = ["Dataset", "read_dataset", "read_labels", "read_topics", "write_labels"]

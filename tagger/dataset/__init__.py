"""Labels of any form and topics.toml → checked examples, and what was read."""

from tagger.dataset.checks import Doubtful, read_dataset, read_doubtful, read_held_out
from tagger.dataset.dataset import Dataset
from tagger.dataset.labels import Labels, read_labels
from tagger.dataset.options import LabelOptions
from tagger.dataset.reading import Passed, Reading
from tagger.dataset.topics import read_topics
from tagger.dataset.unlabelled import read_unlabelled

__all__ = [
    "Dataset",
    "Doubtful",
    "LabelOptions",
    "Labels",
    "Passed",
    "Reading",
    "read_dataset",
    "read_doubtful",
    "read_held_out",
    "read_labels",
    "read_topics",
    "read_unlabelled",
]

"""Examples → tagger: fit, calibrate and choose thresholds; the only rooms that know scikit-learn."""

from tagger.training.corpus import Corpus, build_corpus
from tagger.training.deciding import Decider, train_decider
from tagger.training.folds import split_documents
from tagger.training.train import resolve_settings, train, train_dataset
from tagger.training.tuning import Tuning, tune

__all__ = [
    "Corpus",
    "Decider",
    "Tuning",
    "build_corpus",
    "resolve_settings",
    "split_documents",
    "train",
    "train_dataset",
    "train_decider",
    "tune",
]

"""Examples → tagger: fit, calibrate and choose thresholds; the only room that knows scikit-learn."""

from tagger.training.classifier import fit_classifier
from tagger.training.corpus import Corpus, build_corpus
from tagger.training.folds import split_documents
from tagger.training.parallel import in_processes, one_thread
from tagger.training.train import resolve_settings, train, train_dataset
from tagger.training.tuning import Tuning, tune

__all__ = [
    "Corpus",
    "Tuning",
    "build_corpus",
    "fit_classifier",
    "in_processes",
    "one_thread",
    "resolve_settings",
    "split_documents",
    "train",
    "train_dataset",
    "tune",
]

"""Examples → tagger: fit, calibrate and choose thresholds; the only room that knows scikit-learn."""

from tagger.training.classifier import decide, fit_classifier
from tagger.training.corpus import Corpus, build_corpus
from tagger.training.course import part, thousandths
from tagger.training.folds import split_documents
from tagger.training.held_out import HeldOut, out_of_fold_scores
from tagger.training.mixing import NOT_LEARNT
from tagger.training.parallel import in_processes, one_thread
from tagger.training.pool import with_useful_pool
from tagger.training.train import resolve_settings, train, train_dataset, train_measurably
from tagger.training.tuning import Tuning, tune

__all__ = [
    "NOT_LEARNT",
    "Corpus",
    "HeldOut",
    "Tuning",
    "build_corpus",
    "decide",
    "fit_classifier",
    "in_processes",
    "one_thread",
    "out_of_fold_scores",
    "part",
    "resolve_settings",
    "split_documents",
    "thousandths",
    "train",
    "train_dataset",
    "train_measurably",
    "tune",
    "with_useful_pool",
]

"""Examples → tagger: fit, calibrate and choose thresholds; the only rooms that know scikit-learn."""

from tagger.training.train import train, train_dataset

__all__ = ["train", "train_dataset"]

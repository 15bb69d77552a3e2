"""Predictions on documents that were not trained on → a report with its signature."""

from tagger.evaluation.cross_fitting import cross_fit, cross_fitted, train_and_measure
from tagger.evaluation.cross_validation import cross_validate
from tagger.evaluation.held_out import evaluate_tagger
from tagger.evaluation.report import Report

__all__ = ["Report", "cross_fit", "cross_fitted", "cross_validate", "evaluate_tagger", "train_and_measure"]

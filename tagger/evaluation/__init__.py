"""Predictions on documents that were not trained on → a report with its signature."""

from tagger.evaluation.crossvalidation import cross_validate
from tagger.evaluation.heldout import evaluate_tagger
from tagger.evaluation.report import Report

__all__ = ["Report", "cross_validate", "evaluate_tagger"]

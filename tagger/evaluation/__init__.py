"""Predictions on documents that were not trained on → a report with its signature."""

from tagger.evaluation.comparison import Comparison, Difference, compare
from tagger.evaluation.cross_fitting import cross_fit, cross_fitted, train_and_measure
from tagger.evaluation.cross_validation import cross_validate
from tagger.evaluation.error_files import check_error_file, write_errors
from tagger.evaluation.errors import WrongExample, WrongTopic, shown_words
from tagger.evaluation.evaluate import evaluate
from tagger.evaluation.held_out import evaluate_tagger
from tagger.evaluation.report import Estimate, Report, Scores
from tagger.evaluation.verdict import TopicVerdict, Verdict

__all__ = [
    "Comparison",
    "Difference",
    "Estimate",
    "Report",
    "Scores",
    "TopicVerdict",
    "Verdict",
    "WrongExample",
    "WrongTopic",
    "check_error_file",
    "compare",
    "cross_fit",
    "cross_fitted",
    "cross_validate",
    "evaluate",
    "evaluate_tagger",
    "shown_words",
    "train_and_measure",
    "write_errors",
]

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import average_precision, cross_validate
from tagger.records import Example


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=30))
def test_average_precision_is_that_of_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    scores, targets = np.array([p for p, _ in pairs]), np.array([t for _, t in pairs])
    if targets.any():
        assert average_precision(scores, targets) == pytest.approx(average_precision_score(targets, scores))
    else:
        assert average_precision(scores, targets) is None


def test_each_document_is_tagged_by_a_tagger_that_never_saw_it(tiny_labels: Path) -> None:
    report = cross_validate(read_dataset(tiny_labels), tagger.Settings())
    assert report.method == "Leave one document out, 12 paragraphs of 4 documents"
    assert set(report.topics) == {"fruit", "train"}
    assert report.mean.f1 == pytest.approx(sum(t.f1 for t in report.topics.values() if t.f1 is not None) / 2)


def test_many_documents_are_left_out_in_folds() -> None:
    examples = [Example(f"苹果{n}", ("fruit",), f"a{n}") for n in range(15)]
    examples += [Example(f"下雨{n}", (), f"b{n}") for n in range(15)]
    report = cross_validate(read_dataset(examples), tagger.Settings(folds=3))
    assert report.method == "3 folds of documents, 30 paragraphs of 30 documents"
    assert report.topics["fruit"].average_precision == 1.0
    assert report.topics["fruit"].recall == 1.0


def test_the_same_run_gives_the_same_report(tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    assert cross_validate(dataset, tagger.Settings()) == cross_validate(dataset, tagger.Settings())


def test_the_signature_names_version_data_folds_and_seed(tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    signature = cross_validate(dataset, tagger.Settings(seed=3)).signature
    assert dataset.hash()[:12] in signature
    assert signature.startswith("tagger-zh ")
    assert signature.endswith("folds 4 by document, seed 3")


def test_one_document_cannot_be_evaluated_on() -> None:
    examples = [Example(text, topics, "one") for text, topics in [("苹果", ("f",)), ("梨", ("f",)), ("雨", ())]]
    with pytest.raises(ValueError, match="at least two documents"):
        cross_validate(read_dataset(examples), tagger.Settings())


def test_a_topic_that_no_fold_can_learn_has_no_precision() -> None:
    examples = [Example(f"苹果{n}", ("fruit",), "one") for n in range(3)]
    examples += [Example(f"下雨{n}", (), f"b{n}") for n in range(3)]
    report = cross_validate(read_dataset(examples), tagger.Settings(exclusive=False))
    assert report.topics["fruit"].precision is None
    assert report.topics["fruit"].recall == 0.0
    assert report.mean.precision is None

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

from tagger.sklearn import TopicClassifier

TEXTS = [f"{a}{b}{n}" for n in range(6) for a, b in [("苹果", "香蕉"), ("火车", "车站"), ("老师", "学生")]]
LABELS = ["水果", "车", "学校"] * 6


def test_labels_are_learnt_and_given_back() -> None:
    classifier = TopicClassifier().fit(TEXTS, LABELS)
    assert classifier.classes_.tolist() == sorted(set(LABELS))
    assert classifier.predict(["一个苹果", "学生们"]).tolist() == ["水果", "学校"]
    probability = classifier.predict_proba(TEXTS)
    assert probability.shape == (18, 3)
    assert probability.sum(axis=1) == pytest.approx(1)
    assert (classifier.classes_[classifier.decision_function(TEXTS).argmax(axis=1)] == LABELS).all()


def test_labels_may_be_numbers_and_more_than_ten() -> None:
    words = list("甲乙丙丁戊己庚辛壬癸子丑")
    texts = [word * 3 + str(n) for n in range(3) for word in words]
    labels = np.tile(np.arange(len(words)), 3)
    classifier = TopicClassifier().fit(texts, labels)
    assert classifier.predict(texts).tolist() == labels.tolist()


def test_two_classes_have_one_score() -> None:
    texts, labels = TEXTS[:2] * 3, [True, False] * 3
    classifier = TopicClassifier().fit(texts, labels)
    assert ((classifier.decision_function(texts) > 0) == classifier.predict(texts)).all()


def test_an_indicator_matrix_comes_back_as_one() -> None:
    y = np.array([[label == "水果", "车" in label] for label in LABELS]).astype(int)
    classifier = TopicClassifier().fit(TEXTS, y)
    assert (classifier.predict(TEXTS) == y).all()
    assert classifier.decision_function(TEXTS).shape == y.shape


@pytest.mark.full
def test_it_stands_in_pipelines_searches_and_cross_validation() -> None:
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.strip() for text in texts]), TopicClassifier())
    assert cross_val_score(pipeline, TEXTS, LABELS, cv=3).mean() == 1.0
    search = GridSearchCV(TopicClassifier(), {"cost": [0.1, 1.0]}, cv=3, scoring="neg_log_loss").fit(TEXTS, LABELS)
    assert search.best_params_["cost"] in {0.1, 1.0}


def test_parameters_survive_cloning() -> None:
    classifier = TopicClassifier(cost=0.3, words=False, keywords={"车": ["高铁"]})
    assert clone(classifier).get_params() == classifier.get_params()
    assert clone(classifier).set_params(cost=2.0).cost == 2.0


def test_keywords_and_groups_are_used() -> None:
    groups = np.arange(18) // 3
    without = TopicClassifier().fit(TEXTS, LABELS, groups=groups)
    having = TopicClassifier(keywords={"车": ["高铁"]}).fit(TEXTS, LABELS, groups=groups)
    column = having.classes_.tolist().index("车")
    assert having.predict_proba(["高铁"])[0, column] > without.predict_proba(["高铁"])[0, column] + 0.1
    assert having.tagger_.model.provenance.documents == 6


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ValueError, match="18 texts and 2 labels"):
        TopicClassifier().fit(TEXTS, ["a", "b"])
    with pytest.raises(ValueError, match="y is continuous"):
        TopicClassifier().fit(TEXTS, np.linspace(0.1, 0.9, 18))
    with pytest.raises(AttributeError, match="not fitted"):
        TopicClassifier().predict(TEXTS)


def test_scikit_learn_knows_what_it_takes() -> None:
    tags = get_tags(TopicClassifier())
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert tags.classifier_tags.multi_label


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_own_checks_that_apply_to_text_pass() -> None:
    check_estimator(TopicClassifier())


def test_columns_and_arrays_of_texts_are_taken() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS, "label": LABELS})
    classifier = TopicClassifier().fit(frame["text"], frame["label"])
    assert classifier.predict(frame["text"]).tolist() == classifier.predict(np.array(TEXTS)).tolist()
    with pytest.raises(ValueError, match="X must be one-dimensional"):
        classifier.predict(frame[["text"]])
    frame.loc[3, "text"] = np.nan
    with pytest.raises(ValueError, match="row 3 of X is nan, not a text"):
        classifier.predict(frame["text"])


def test_what_is_not_a_list_of_texts_is_said() -> None:
    classifier = TopicClassifier().fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="X must be one-dimensional"):
        classifier.predict("苹果")
    with pytest.raises(ValueError, match="row 1 of X is None"):
        classifier.predict(["苹果", None])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="one class only"):
        TopicClassifier().fit(TEXTS, ["水果"] * 18)


def test_no_class_weight_and_several_processes_are_taken() -> None:
    plain = TopicClassifier(class_weight=None).fit(TEXTS, LABELS)
    same = TopicClassifier(class_weight="none", n_jobs=2).fit(TEXTS, LABELS)
    assert plain.predict_proba(TEXTS).tolist() == same.predict_proba(TEXTS).tolist()

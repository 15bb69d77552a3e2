from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.evaluation import (
    cross_fit,
    cross_fitting,
    cross_validate,
    cross_validation,
    evaluate_tagger,
    train_and_measure,
)
from tagger.evaluation.measures import Ranking, calibration_error, confusion, coverage, reliability
from tagger.evaluation.report import Predictions, measure
from tagger.features.extraction import Rows
from tagger.records import Example, Topic
from tagger.training import train_measurably


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=30))
def test_average_precision_is_that_of_scikit_learn(pairs: list[tuple[float, bool]]) -> None:
    scores, targets = np.array([p for p, _ in pairs]), np.array([t for _, t in pairs])
    weights = np.arange(len(pairs)) % 3 + 0.0
    for weighing in (np.ones(len(pairs)), weights):
        found = Ranking(scores, targets).average_precision(weighing.astype(np.float64))
        if targets @ weighing:
            expected = average_precision_score(targets, scores, sample_weight=weighing)
            assert found == pytest.approx(expected)
        else:
            assert np.isnan(found)


def predictions(target: list[list[int]], assigned: list[list[int]], probability: list[list[float]]) -> Predictions:
    return Predictions(
        topics=tuple("ab"),
        groups=np.arange(len(target)),
        target=np.array(target, dtype=bool),
        assigned=np.array(assigned, dtype=bool),
        probability=np.array(probability),
        exclusive=False,
    )


def test_measures_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    target = random.random((50, 2)) < 0.4
    probability = np.clip(target * 0.4 + random.random((50, 2)) * 0.6, 0, 1).astype(np.float64)
    p = Predictions(tuple("ab"), np.arange(50), target, probability > 0.5, probability, exclusive=False)
    report = measure(p, method="m", signature="s")
    for k, topic in enumerate("ab"):
        scores = report.topics[topic]
        assert scores.precision.value == pytest.approx(precision_score(target[:, k], p.assigned[:, k]))
        assert scores.recall.value == pytest.approx(recall_score(target[:, k], p.assigned[:, k]))
        assert scores.f1.value == pytest.approx(f1_score(target[:, k], p.assigned[:, k]))
    assert report.micro.f1.value == pytest.approx(f1_score(target, p.assigned, average="micro"))
    assert report.macro.f1.value == pytest.approx(f1_score(target, p.assigned, average="macro"))
    assert report.micro.average_precision.value == pytest.approx(
        average_precision_score(target, probability, average="micro")
    )
    assert report.brier == pytest.approx(brier_score_loss(target.ravel(), probability.ravel()))
    assert report.exact_match.value == pytest.approx((target == p.assigned).all(axis=1).mean())


def test_intervals_hold_the_value_and_narrow_with_more_documents() -> None:
    random = np.random.default_rng(0)
    widths = []
    for rows in (40, 400):
        target = random.random((rows, 1)) < 0.5
        assigned = target ^ (random.random((rows, 1)) < 0.2)
        p = Predictions(("a",), np.arange(rows), target, assigned, assigned.astype(np.float64), exclusive=False)
        f1 = measure(p, method="m", signature="s").topics["a"].f1
        assert f1.low is not None
        assert f1.high is not None
        assert f1.value is not None
        assert f1.low < f1.value < f1.high
        widths.append(f1.high - f1.low)
    assert widths[1] < widths[0] / 2


def test_documents_are_drawn_whole_so_that_few_of_them_give_wide_intervals() -> None:
    target = np.ones((40, 1), dtype=bool)
    assigned = np.repeat([[True], [False]], 20, axis=0)
    one_by_one, by_document = (
        measure(Predictions(("a",), groups, target, assigned, assigned * 1.0, exclusive=False), method="", signature="")
        for groups in (np.arange(40), np.repeat([0, 1], 20))
    )
    assert by_document.topics["a"].recall.low == 0.0
    assert one_by_one.topics["a"].recall.low is not None
    assert one_by_one.topics["a"].recall.low > 0.25


def test_what_is_not_defined_has_no_value() -> None:
    report = measure(predictions([[0, 0], [0, 1]], [[0, 0], [0, 0]], [[0.1, 0.1]] * 2), method="", signature="")
    assert report.topics["a"].average_precision.value is None
    assert report.topics["b"].precision.value is None
    assert report.topics["b"].recall.value == 0.0
    assert report.topics["a"].f1.low is None


def test_confusion_tells_what_was_taken_for_what() -> None:
    target = np.array([[1, 0], [1, 0], [0, 0], [0, 0], [0, 1], [1, 1]], dtype=bool)
    assigned = np.array([[1, 0], [0, 1], [0, 0], [1, 0], [0, 0], [1, 1]], dtype=bool)
    table, besides = confusion(target, assigned, np.full((6, 2), 0.5))
    assert table.tolist() == [[2, 1, 0], [0, 1, 1], [1, 0, 1]]
    assert besides.tolist() == [0, 0]


def test_the_most_probable_topic_that_was_missed_was_taken_for_the_most_probable_wrong_one() -> None:
    target = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]], dtype=bool)
    assigned = np.array([[0, 0, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0]], dtype=bool)
    probability = np.array([[0.1, 0.4, 0.9, 0.2], [0.6, 0.1, 0.8, 0.1], [0.9, 0.7, 0.1, 0.1]])
    table, besides = confusion(target, assigned, probability)
    assert table[:, -1].tolist() == [1, 0, 0, 0, 0]  # the first topic of the first example, beside the second
    assert (table[1, 2], table[4, 2], table[0, 0]) == (1, 1, 1)
    assert besides.tolist() == [1, 1, 0, 0]


@given(st.integers(0, 40), st.integers(1, 5), st.integers(0, 999))
def test_confusion_adds_up(rows: int, topics: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    target, assigned = (random.random((rows, topics)) < 0.4 for _ in range(2))
    table, besides = confusion(target, assigned, random.random((rows, topics)))
    assert table[:-1].sum(axis=1).tolist() == target.sum(axis=0).tolist()
    assert table[-1].sum() == (~target.any(axis=1)).sum()
    assert (table[:, :-1].sum(axis=0) + besides).tolist() == assigned.sum(axis=0).tolist()
    assert np.diag(table)[:-1].tolist() == (target & assigned).sum(axis=0).tolist()


def test_well_meant_probabilities_have_no_calibration_error() -> None:
    probability = np.repeat([0.25, 0.75], 400)
    correct = np.tile([True, False, False, False], 100), np.tile([True, True, True, False], 100)
    bins = reliability(probability, np.concatenate(correct))
    assert calibration_error(bins) == pytest.approx(0)
    assert [b.count for b in bins if b.count] == [400, 400]
    assert calibration_error(reliability(np.full(10, 1.0), np.zeros(10, dtype=bool))) == pytest.approx(1)


def test_abstaining_keeps_the_surest() -> None:
    probability = np.array([[0.9], [0.8], [0.7], [0.6]])
    target = np.array([[True], [True], [False], [False]])
    points = coverage(probability, target, np.ones((4, 1), dtype=bool))
    assert points[0] == (1.0, 0.6, 0.5)
    assert points[-1] == (0.5, 0.8, 1.0)
    assert coverage(probability, target, np.zeros((4, 1), dtype=bool)) == ()


def test_each_document_is_tagged_by_a_tagger_that_never_saw_it(tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    report = cross_validate(dataset, tagger.Settings(exclusive=False))
    assert report.method == "leave one document out, 12 examples of 4 documents"
    right = 0
    for document in dict.fromkeys(example.document for example in dataset.examples):
        rest = [e for e in dataset.examples if e.document != document]
        model = tagger.train(rest, topics=dataset.topics, settings=tagger.Settings(exclusive=False))
        held_out = [e for e in dataset.examples if e.document == document]
        found = model.predict([e.text for e in held_out])
        right += sum(set(topics) == set(e.topics) for topics, e in zip(found, held_out, strict=True))
    assert report.exact_match.value == pytest.approx(right / 12)


def test_a_leaky_evaluation_would_look_twenty_points_better_and_ours_does_not() -> None:
    # Each document has a word of its own, and all of its paragraphs one topic, drawn by chance: there is nothing to
    # learn but which document a paragraph comes from.
    random = np.random.default_rng(0)
    names = ["松竹梅兰", "江河湖海", "金木水火", "春夏秋冬", "东南西北", "琴棋书画", "笔墨纸砚", "风花雪月"]
    names += ["虎豹豺狼", "鱼虾蟹贝", "桃李杏枣", "云雨雷电", "铜铁铅锡", "父母兄弟", "红黄蓝绿", "车马舟轿"]
    topics = random.permutation(["甲", "乙"] * 8)
    examples = [
        Example("".join(random.choice(list(name), 6)) + str(number), (topic,), name)
        for name, topic in zip(names, topics, strict=True)
        for number in range(10)
    ]
    grouped = cross_validate(read_dataset(examples), tagger.Settings(), folds=4)
    leaking = [Example(e.text, e.topics) for e in examples]
    leaky = cross_validate(read_dataset(leaking), tagger.Settings(), folds=4)
    assert leaky.exact_match.value is not None
    assert grouped.exact_match.value is not None
    assert leaky.exact_match.value > 0.9
    assert grouped.exact_match.value < 0.7
    assert any("takes" in w or "taken for one of its own" in w for w in leaky.warnings)


def test_equal_texts_that_name_no_document_stay_on_one_side() -> None:
    texts = ["苹果香蕉", "苹果葡萄", "水果苹果", "下雨天晴", "老师学生", "教室学校"]
    examples = [Example(text, ("f",) if "果" in text else ()) for text in texts * 2]
    report = cross_validate(read_dataset(examples), tagger.Settings(exclusive=False))
    assert report.method.endswith("12 examples of 6 documents")


def _many() -> Dataset:
    examples = [Example(f"苹果{n}香蕉", ("fruit",), f"a{n}") for n in range(15)]
    return read_dataset(examples + [Example(f"下雨{n}天晴", (), f"b{n}") for n in range(15)])


def test_many_documents_are_left_out_in_folds() -> None:
    report = cross_validate(_many(), tagger.Settings(), folds=3)
    assert report.method == "3 folds of documents, 30 examples of 30 documents"
    assert report.topics["fruit"].average_precision.value == 1.0


@pytest.mark.full
def test_any_number_of_processes_gives_the_same_report() -> None:
    one, two = (cross_validate(_many(), tagger.Settings(), jobs=jobs, curve=True).to_dict() for jobs in (1, 2))
    assert one == two


@pytest.mark.full
def test_the_learning_curve_rises_to_the_whole() -> None:
    seen: list[tuple[int, int]] = []
    report = cross_validate(
        _many(), tagger.Settings(), curve=True, progress=lambda done, total: seen.append((done, total))
    )
    assert [share for share, _, _ in report.curve] == [0.125, 0.25, 0.5, 1.0]
    assert report.curve[-1][1] == pytest.approx(report.macro.average_precision.value)
    assert seen == [(n, 20) for n in range(1, 21)]


@pytest.mark.full
def test_of_many_examples_times_topics_there_are_fewer_resamples(
    tiny_labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = cross_validate(read_dataset(tiny_labels), tagger.Settings())
    monkeypatch.setattr("tagger.evaluation.resampling._MUCH", 20)
    few = cross_validate(read_dataset(tiny_labels), tagger.Settings())
    assert usual.signature.endswith(", 1000 resamples")
    assert few.signature.endswith(", 200 resamples")
    assert few.macro.f1.value == usual.macro.f1.value


def test_the_signature_names_version_data_settings_folds_and_resamples(tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    signature = cross_validate(dataset, tagger.Settings(seed=3)).signature
    assert signature == (
        f"tagger-zh {tagger_version()}, data {dataset.hash()[:12]}, multi-label, seed=3, 4 folds by document, "
        "1000 resamples"
    )


def tagger_version() -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return version("tagger-zh")


def test_one_document_cannot_be_evaluated_on() -> None:
    examples = [Example(text, topics, "one") for text, topics in [("苹果", ("f",)), ("梨", ("f",)), ("雨", ())]]
    with pytest.raises(tagger.DataError, match="there is one only: name more"):
        cross_validate(read_dataset(examples), tagger.Settings())


def warnings_of(examples: Sequence[Example]) -> str:
    return "\n".join(cross_validate(read_dataset(examples), tagger.Settings(exclusive=False)).warnings)


@pytest.mark.full
def test_what_makes_figures_doubtful_is_said() -> None:
    good = [Example(f"苹果{n}", ("fruit",), f"a{n}") for n in range(4)] + [
        Example(f"雨{n}", (), f"b{n}") for n in range(4)
    ]
    assert warnings_of(good) == ""
    nameless = [Example(e.text, e.topics) for e in good]
    assert "no example names its document" in warnings_of(nameless)
    copied = [*good, Example("苹果0", ("fruit",), "c")]
    assert "1 text is in several folds" in warnings_of(copied)
    lonely = [*good, Example("火车", ("train",), "b1"), Example("车站", ("train",), "b1")]
    assert "topic 'train' occurs in one document only" in warnings_of(lonely)


def test_a_tagger_is_measured_on_held_out_examples(tiny: tagger.Tagger) -> None:
    examples = [Example("苹果甜", ("fruit",), "x"), Example("火车慢", ("train",), "x"), Example("天晴", (), "y")]
    topics = [Topic("fruit", "fruit", "", ("x", "y")), Topic("train", "train", "", ("x", "y"))]
    report = evaluate_tagger(tiny, read_dataset(examples, topics=topics))
    assert report.method == "held-out, 3 examples of 2 documents"
    assert report.exact_match.value == 1.0
    assert report.warnings == ()


FURNITURE = "来源:平安某地 编辑:某某"


def test_furniture_is_told_in_documents_of_several_paragraphs_only(tiny: tagger.Tagger) -> None:
    topics = [Topic(name, name, "", ("x", "y")) for name in tiny.topics]
    always = tiny.with_thresholds("0.0")
    texts = [("a", "苹果甜"), ("b", "火车慢"), ("a", FURNITURE), ("b", FURNITURE), ("c", FURNITURE)]
    examples = [Example(text, (), document) for document, text in texts]
    # By a threshold of 0 every text is wrongly tagged but furniture, and of that the one without others.
    report = evaluate_tagger(always, read_dataset(examples, topics=topics, keep_conflicts=True))
    assert report.false_tag_rate.value == pytest.approx(3 / 5)


def test_cross_validation_tells_furniture_in_documents_of_several_paragraphs_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    class Linear:
        idf = np.ones(99)

        def weights_of(self, features: np.ndarray) -> np.ndarray:
            return np.zeros((len(features), 1))

        def scores(self, counts: Rows, _: object) -> object:
            return np.zeros((len(counts), 1)), np.ones(len(counts))

    class Classifier:
        linear = Linear()

        def classify_scores(self, raw: np.ndarray, *_: object, paragraph_counts: np.ndarray, furniture: Any) -> object:
            seen.append(sorted(zip(np.repeat(paragraph_counts, paragraph_counts), furniture, strict=True)))
            return raw, raw > 0

    monkeypatch.setattr(cross_validation, "fit_classifier", lambda *_: Classifier())
    examples = [Example("苹果甜", ("fruit",), "a"), Example(FURNITURE, (), "a"), Example("香蕉", ("fruit",), "b")]
    examples += [Example(FURNITURE, (), "c"), Example("雨", (), "d")]
    cross_validate(read_dataset(examples, keep_conflicts=True), tagger.Settings(exclusive=False), folds=4)
    assert sorted(seen) == [[(1, False)], [(1, False)], [(1, False)], [(2, False), (2, True)]]


def test_predictions_of_furniture_are_nought_in_cross_validation_too() -> None:
    examples = [Example(f"苹果{n}香蕉", ("fruit",), f"a{n}") for n in range(6)]
    examples += [Example(f"下雨{n}天晴", (), f"b{n}") for n in range(6)]
    furnished = [*examples, *(Example(FURNITURE, (), f"a{n}") for n in range(6))]
    settings = tagger.Settings(exclusive=False, threshold="0.0")
    plain, report = (
        cross_validate(read_dataset(part, keep_conflicts=True), settings, folds=3) for part in (examples, furnished)
    )
    assert plain.false_tag_rate.value == 1
    assert report.false_tag_rate.value == 0.5  # of twelve examples without a topic, the six of furniture have none


def test_examples_a_tagger_was_trained_on_are_told(tiny: tagger.Tagger, tiny_labels: Path) -> None:
    report = evaluate_tagger(tiny, read_dataset(tiny_labels))
    assert "were trained on" in report.warnings[0] or "was trained on" in report.warnings[0]


def test_an_exclusive_tagger_is_measured_by_its_best_topic(exclusive: tagger.Tagger, root: Path) -> None:
    dataset = read_dataset(root / "tests/cases/exclusive.csv")
    report = evaluate_tagger(exclusive, dataset)
    assert sum(part.count for part in report.reliability) == len(dataset.examples)


def _drawn(number: int, *, exclusive: bool) -> Dataset:
    """Give texts of three topics, which share their words with the others; each of 40 stories has several."""
    random = np.random.default_rng(0)
    words = [list("甲乙丙丁戊己庚辛"), list("子丑寅卯辰巳午未"), list("天地玄黄宇宙洪荒")]
    examples = []
    for row in range(number):
        own = int(random.choice(3, p=[0.5, 0.3, 0.2]))
        topics = (f"t{own}",) if exclusive or row % 3 else ()
        said = words[own] if topics else list("春夏秋冬东西南北")
        text = "".join([*random.choice(said, 3), *random.choice(list("".join(map("".join, words))), 5)])
        examples.append(Example(text, topics, f"story{row % 40}"))
    return read_dataset(examples, topics=(), keep_conflicts=True)


@pytest.mark.full
@pytest.mark.parametrize("exclusive", [True, False])
def test_cross_fitting_gives_the_figures_of_training_again_for_each_fold(exclusive: bool) -> None:
    dataset = _drawn(900, exclusive=exclusive)
    tagger_, corpus, held_out = train_measurably(dataset, tagger.Settings())
    seen: list[tuple[int, int]] = []
    fitted = cross_fit(
        dataset, corpus, tagger_.settings, held_out, progress=lambda done, total: seen.append((done, total))
    )
    again = cross_validate(dataset, tagger.Settings())
    assert seen == [(number, 5) for number in range(1, 6)]
    assert cross_fit(dataset, corpus, tagger_.settings, held_out) == fitted
    for of_fitted, of_again in ((fitted.micro, again.micro), (fitted.macro, again.macro)):
        assert of_fitted.f1.value == pytest.approx(of_again.f1.value, abs=0.02)
    assert fitted.brier == pytest.approx(again.brier, abs=0.01)
    assert fitted.signature == again.signature


@pytest.mark.full
def test_where_labels_say_nothing_cross_fitting_finds_nothing() -> None:
    random = np.random.default_rng(0)
    dataset = _drawn(600, exclusive=True)
    shuffled = random.permutation([example.topics[0] for example in dataset.examples]).tolist()
    examples = [Example(e.text, (topic,), e.document) for e, topic in zip(dataset.examples, shuffled, strict=True)]
    dataset = read_dataset(examples, topics=(), keep_conflicts=True)
    tagger_, corpus, held_out = train_measurably(dataset, tagger.Settings())
    report = cross_fit(dataset, corpus, tagger_.settings, held_out)
    assert report.exact_match.value is not None
    assert report.exact_match.value < 0.56


@pytest.mark.full
def test_few_documents_are_measured_by_training_again_and_many_by_cross_fitting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = _drawn(120, exclusive=False)
    made, report = train_and_measure(dataset, tagger.Settings())
    assert report is not None
    assert report.to_dict() == cross_validate(dataset, tagger.Settings()).to_dict()
    assert made.model.quality == report.quality()
    monkeypatch.setattr(cross_fitting, "MANY", 40)
    _, by_fitting = train_and_measure(dataset, tagger.Settings())
    corpus, held_out = train_measurably(dataset, tagger.Settings())[1:]
    assert by_fitting is not None
    assert by_fitting.to_dict() == cross_fit(dataset, corpus, made.settings, held_out).to_dict()


def test_one_document_is_not_measured() -> None:
    examples = [
        Example(text, topics, "one") for text, topics in (("苹果", ("fruit",)), ("苹果树", ("fruit",)), ("下雨", ()))
    ]
    assert train_and_measure(read_dataset(examples), tagger.Settings())[1] is None

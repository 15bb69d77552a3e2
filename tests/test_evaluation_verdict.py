"""A verdict: facts from counts, and sentences that say them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tagger.evaluation.judging import give_verdict, judge_curve
from tagger.evaluation.report import measure
from tagger.evaluation.resampling import Predictions
from tagger.evaluation.verdict import CurveVerdict, TopicVerdict, Verdict


def verdict(
    counts: list[list[int]], *, besides: list[int] | None = None, trained_on: list[int] | None = None
) -> Verdict:
    """Judge topics a, b … by a table of what was taken for what."""
    table = np.array(counts)
    titles = {name: name.upper() for name in "abcdefgh"[: len(table) - 1]}
    return give_verdict(
        titles,
        confusion=table,
        besides=np.array(besides or [0] * len(titles)),
        trained_on=trained_on or table[:-1].sum(axis=1).tolist(),
        exact=0.5,
        false_tags=None,
    )


def said(topic: TopicVerdict) -> str:
    return " ".join(map(str, topic.sentences()))


def one(missed: int, wrong: int, *, examples: int = 100) -> TopicVerdict:
    return verdict([[examples - missed, missed], [wrong, 10]]).topics[0]


@pytest.mark.parametrize(
    ("missed", "sentence"),
    [
        (0, "Not one of its 100 texts was missed."),
        (4, "Hardly any text about it is missed (4 of 100)."),
        (12, "Of ten texts about it, about one is missed (12 of 100)."),
        (31, "Of ten texts about it, about 3 are missed (31 of 100)."),
    ],
)
def test_how_many_are_missed_is_said_of_ten(missed: int, sentence: str) -> None:
    assert said(one(missed, 0)).startswith(sentence)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (0, "Nothing was wrongly tagged with it (100 tagged)."),
        (5, "Few are wrongly tagged with it (5 of 105)."),
        (25, "Some are wrongly tagged with it: of ten about 2 (25 of 125)."),
        (100, "Many are wrongly tagged with it: of ten about 5 (100 of 200)."),
    ],
)
def test_how_many_are_wrongly_tagged_is_said_of_ten(wrong: int, sentence: str) -> None:
    assert sentence in said(one(0, wrong))


def test_few_examples_are_the_first_thing_to_do_about_a_topic() -> None:
    found = verdict([[12, 0], [0, 5]], trained_on=[12]).topics[0]
    assert (found.need, found.more) == ("examples", 40)
    assert "It was learnt from few examples, 12: some 40 more would serve best." in said(found)
    assert "Of so few texts about it these figures are rough." in said(found)


def test_what_was_learnt_from_counts_and_not_what_is_tested_on() -> None:
    found = verdict([[12, 0], [0, 5]], trained_on=[500]).topics[0]
    assert (found.need, found.more) == ("", 0)
    assert "learnt from few" not in said(found)


def test_a_topic_with_enough_examples_that_is_often_wrong_is_to_be_looked_at() -> None:
    found = verdict([[60, 40], [0, 5]])
    assert found.topics[0].need == "look"
    assert "Look at the examples that were wrong with A:" in " ".join(map(str, found.sentences()))
    many = verdict(
        [[60, 0, 0, 0, 0, 40] if k == 0 else [0] * k + [60] + [0] * (4 - k) + [40] for k in range(5)] + [[0] * 6]
    )
    assert "with A, B, C, D …:" in " ".join(map(str, many.sentences()))


def test_a_topic_that_nothing_was_tagged_with_is_told() -> None:
    found = verdict([[0, 30], [0, 5]]).topics[0]
    assert (found.silent, found.need) == (True, "threshold")
    assert said(found).startswith("Nothing was tagged with it: none of its 30 texts reaches its threshold.")
    p = Predictions(
        topics=("a",),
        groups=np.arange(4),
        target=np.array([[True], [True], [False], [False]]),
        assigned=np.zeros((4, 1), dtype=bool),
        probability=np.full((4, 1), 0.2),
        exclusive=False,
        titles=("反诈",),
    )
    report = measure(p, method="", signature="")
    assert report.warnings == ("nothing was tagged with '反诈': none of its 2 texts reaches its threshold",)


def test_a_topic_whose_texts_all_got_others_has_no_threshold_to_lower() -> None:
    few, many = (verdict([[0, 9, 0], [0, 50, 0], [0, 0, 0]], trained_on=[learnt, 50]).topics[0] for learnt in (9, 90))
    assert (few.silent, few.need, few.more) == (True, "examples", 50)
    assert said(few).startswith(
        "Nothing was tagged with it: all of its 9 texts were given others. It was learnt from few"
    )
    assert (many.silent, many.need) == (True, "look")
    given = np.array([[False, True], [False, True]])
    p = Predictions(
        topics=("a", "b"),
        groups=np.arange(2),
        target=np.array([[True, False], [False, True]]),
        assigned=given,
        probability=np.where(given, 0.8, 0.2),
        exclusive=True,
        titles=("反诈", "教育"),
    )
    report = measure(p, method="", signature="")
    assert report.warnings == ("nothing was tagged with '反诈': all of its 1 texts were given others",)


def test_of_no_texts_nothing_is_said() -> None:
    nothing = np.zeros((2, 2), dtype=np.int64)
    found = give_verdict(
        {"a": "A"}, confusion=nothing, besides=np.zeros(1, np.int64), trained_on=[0], exact=None, false_tags=None
    )
    assert found.sentences() == ()


def test_of_a_topic_without_examples_nothing_is_known() -> None:
    found = verdict([[0, 0], [3, 5]]).topics[0]
    assert said(found) == (
        "No example here has it, so nothing is known of it. Many are wrongly tagged with it: of ten about 10 (3 of 3)."
    )


def test_the_topic_that_it_is_confused_with_is_named_whichever_is_taken_for_the_other() -> None:
    found = {v.topic: v for v in verdict([[90, 1, 0, 0], [3, 90, 0, 0], [1, 0, 90, 0], [0, 0, 0, 9]]).topics}
    assert (found["a"].confused_with, found["a"].confused) == ("b", 4)
    assert "Most often confused with B, 4 times." in said(found["a"])
    assert (found["c"].confused_with, found["c"].confused) == ("", 0)  # once is chance
    assert "confused" not in said(found["c"])


def test_the_worst_topic_comes_first_and_those_without_examples_last() -> None:
    found = verdict([[50, 0, 0, 50], [0, 90, 0, 10], [0, 0, 0, 0], [0, 0, 0, 9]])
    assert [topic.topic for topic in found.topics] == ["a", "b", "c"]


def test_mix_ups_come_by_number_with_none_among_them() -> None:
    found = verdict([[50, 2, 7], [0, 90, 1], [3, 0, 9]]).mix_ups
    assert [(m.title, m.taken_for_title, m.number, m.examples) for m in found] == [
        ("A", "", 7, 59),
        ("", "A", 3, 12),
        ("A", "B", 2, 59),
        ("B", "", 1, 91),
    ]


def test_of_hundreds_of_topics_fifty_mix_ups_are_kept() -> None:
    table = np.ones((401, 401), dtype=np.int64)
    titles = {str(n): str(n) for n in range(400)}
    found = give_verdict(
        titles, confusion=table, besides=np.zeros(400, np.int64), trained_on=[9] * 400, exact=1.0, false_tags=0.001
    )
    assert len(found.mix_ups) == 50
    assert [str(sentence) for sentence in found.sentences()] == [
        "100 of 100 texts get exactly the topics that they have.",
        "Of 100 texts without a topic, 1 are given one (401 were tested).",
    ]


def curve(*scores: float) -> CurveVerdict:
    shares = (0.125, 0.25, 0.5, 1.0)[-len(scores) :]
    found = judge_curve([(share, 0.0, score) for share, score in zip(shares, scores, strict=True)])
    assert found is not None
    return found


def test_the_curve_says_whether_more_labels_would_help() -> None:
    much, little, hardly = curve(0.2, 0.36, 0.488), curve(0.9, 0.92, 0.94), curve(0.8, 0.81, 0.805)
    assert (much.helps, little.helps, hardly.helps) == ("much", "little", "hardly")
    # Each doubling left 8 tenths of the errors.
    assert much.expected == pytest.approx(1 - 0.8 * 0.512)
    assert str(much.sentence()) == (
        "More labels would help: with 25% of the documents macro-F1 was 0.20, with all it is 0.49, and twice as many "
        "may bring it to about 0.59."
    )
    assert str(hardly.sentence()).startswith("More labels of the same kind would hardly help: with 25% of the")


def test_a_curve_that_falls_or_is_perfect_promises_nothing() -> None:
    assert curve(0.9, 0.8).expected == 0.8
    assert curve(1.0, 1.0).expected == 1.0
    assert judge_curve([(1.0, 0.5, 0.5)]) is None


def test_a_report_has_its_verdict_for_programs() -> None:
    target: NDArray[np.bool_] = np.eye(4, dtype=bool)
    p = Predictions(tuple("abcd"), np.arange(4), target, target, target.astype(np.float64), exclusive=True)
    found = measure(p, method="", signature="", curve=((0.5, 0.5, 0.5), (1.0, 0.7, 0.7))).to_dict()
    assert found["verdict"]["sentences"][0] == "100 of 100 texts get exactly the topics that they have."
    assert found["verdict"]["sentences"][1].startswith("More labels would help")
    assert found["verdict"]["topics"][0]["sentences"][0] == "Not one of its 1 texts was missed."
    assert "errors" not in found
    assert "predictions" not in found

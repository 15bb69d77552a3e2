"""What is learnt of paragraphs and their neighbours, and when nothing is."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tagger.scoring.context import LinearContext, evidence
from tagger.scoring.linear import squash
from tagger.settings import Settings
from tagger.training import context as training
from tagger.training.context import _fit, _Pages, _vary, fit_context

SETTINGS = Settings(exclusive=False)


def documents(number: int = 60, several: int = 5, *, noise: float = 1.5, seed: int = 4) -> dict[str, Any]:
    """Documents whose paragraphs all have their topics, which scores tell but badly."""
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(number), several)
    targets = (random.random((number, 2)) < 0.4)[groups]
    alone = np.where(targets, 0.7, -0.7) + random.normal(scale=noise, size=targets.shape)
    return {
        "alone": alone,
        "targets": targets,
        "groups": groups,
        "character_counts": random.integers(5, 100, len(groups)),
        "furniture": np.zeros(len(groups), dtype=bool),
        "settings": SETTINGS,
    }


def pages_of(given: dict[str, Any], *, exclusive: bool = False) -> _Pages:
    return _Pages(given["alone"], given["targets"], given["character_counts"], exclusive=exclusive)


def error(probability: NDArray[np.float64], targets: NDArray[np.bool_]) -> float:
    return float(np.abs(probability - targets).mean())


@pytest.mark.full
def test_documents_of_one_topic_are_told_better_by_all_their_paragraphs() -> None:
    given = documents(noise=1.0)
    context, probability, among = fit_context(**given)
    assert context is not None
    assert among.all()
    assert error(probability, given["targets"]) < 0.8 * error(squash(given["alone"], exclusive=False), given["targets"])


@pytest.mark.parametrize("seed", range(5))
def test_no_weight_of_others_is_ever_negative(seed: int) -> None:
    # Even where a topic keeps away from paragraphs around its own: one of each document has it.
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(40), 5)
    targets = np.tile(np.eye(5, 2, dtype=bool), (40, 1))
    alone = np.where(targets, 1.0, -1.0) + random.normal(scale=2.0, size=targets.shape)
    pages = _Pages(alone, targets, np.full(200, 40), exclusive=False)
    weights = _fit(pages, groups, np.arange(200), seed).weights
    assert (weights[:, :4] >= 0).all()
    assert np.isfinite(weights).all()


def test_the_gradient_of_the_loss_is_its_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.float64]] = []

    def check(loss: Any, start: NDArray[np.float64], **_: Any) -> Any:
        random = np.random.default_rng(len(seen))
        at = start + np.abs(random.normal(size=6))
        gradient = loss(at)[1]
        for place in range(6):
            step = np.eye(6)[place] * 1e-6
            slope = (loss(at + step)[0] - loss(at - step)[0]) / 2e-6
            assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-4)
        seen.append(loss(start)[1])
        return type("Found", (), {"x": start})

    monkeypatch.setattr(training, "minimize", check)
    given = documents(8)
    _fit(pages_of(given), given["groups"], np.arange(40), 0)
    assert len(seen) == 2


def test_what_is_fitted_is_the_least_loss_that_bounds_allow() -> None:
    given = documents(30)
    pages, rows = pages_of(given), np.arange(150)
    weights = _fit(pages, given["groups"], rows, 0).weights

    def loss(topic: int, w: NDArray[np.float64]) -> float:
        total = 0.0
        for found, counts in _vary(given["groups"], rows, 0):
            odds = pages.evidence(found, counts)[:, topic] @ w
            total += float(np.logaddexp(0, np.where(pages.targets[found, topic], -odds, odds)).sum())
        away = w - np.array([1.0, 0, 0, 0, 0, 0])
        return total + float((np.array([5.0] * 4 + [0.25] * 2) * away**2).sum()) / 2

    for topic in (0, 1):
        least = loss(topic, weights[topic])
        for place in range(6):
            for step in (-0.05, 0.05):
                near = weights[topic].copy()
                near[place] += step
                if place >= 4 or near[place] >= 0:
                    assert loss(topic, near) > least


def test_pages_hold_documents_whole_their_beginnings_halves_of_them_and_two_together() -> None:
    groups = np.repeat(np.arange(8), [2, 3, 9, 2, 5, 7, 2, 12])
    rows = np.arange(100, 100 + len(groups))
    whole, first, halves, pairs = _vary(groups, rows, 0)
    assert whole[0].tolist() == rows.tolist()
    assert whole[1].tolist() == [2, 3, 9, 2, 5, 7, 2, 12]
    assert first[1].tolist() == [2, 3, 4, 2, 4, 4, 2, 4]
    start = np.cumsum(whole[1]) - whole[1]
    assert first[0].tolist() == [100 + s + n for s, count in zip(start, first[1], strict=True) for n in range(count)]
    assert set(halves[0]) < set(rows)
    assert (np.diff(halves[0]) > 0).all()  # in order, none twice
    assert (halves[1] > 1).all()
    assert len(halves[0]) == halves[1].sum()
    assert sorted(pairs[0]) == rows.tolist()
    for page in np.split(groups[pairs[0] - 100], np.cumsum(pairs[1])[:-1]):
        assert len(set(page.tolist())) == 2
    assert [a.tolist() for part in _vary(groups, rows, 0) for a in part] == [
        a.tolist() for part in (whole, first, halves, pairs) for a in part
    ]


def test_one_document_makes_no_pair_and_two_paragraphs_may_leave_no_half() -> None:
    assert [counts.tolist() for _, counts in _vary(np.zeros(2, dtype=np.int64), np.arange(2), 0)] == [[2], [2]]


def test_furniture_is_neither_learnt_from_nor_judged_among_others() -> None:
    given = documents()
    plain = fit_context(**given)
    furniture = np.zeros(360, dtype=bool)
    furniture[::6] = True
    random = np.random.default_rng(9)

    def insert(values: NDArray[Any], added: NDArray[Any]) -> Any:
        both = np.empty((360, *values.shape[1:]), dtype=values.dtype)
        both[furniture], both[~furniture] = added, values
        return both

    given |= {
        "alone": insert(given["alone"], random.normal(scale=9.0, size=(60, 2))),
        "targets": insert(given["targets"], np.zeros((60, 2), dtype=bool)),
        "groups": np.repeat(np.arange(60), 6),
        "character_counts": insert(given["character_counts"], np.full(60, 9)),
        "furniture": furniture,
    }
    context, probability, among = fit_context(**given)
    assert plain[0] is not None
    assert context is not None
    assert np.array_equal(context.weights, plain[0].weights)
    assert np.array_equal(probability[~furniture], plain[1])
    assert np.array_equal(among, ~furniture)


def test_documents_of_one_paragraph_are_judged_by_themselves_beside_others() -> None:
    given = documents()
    given["groups"] = np.where(np.arange(300) < 20, 1000 + np.arange(300), given["groups"])
    context, probability, among = fit_context(**given)
    assert context is not None
    assert among.tolist() == [False] * 20 + [True] * 280
    assert np.array_equal(probability[:20], squash(given["alone"], exclusive=False)[:20])


def test_rows_of_a_document_may_lie_apart() -> None:
    given = documents()
    order = np.argsort(np.tile(np.arange(5), 60), kind="stable")
    apart: dict[str, Any] = {
        name: values[order] if isinstance(values, np.ndarray) else values for name, values in given.items()
    }
    (one, probability, _), (other, mixed, _) = fit_context(**given), fit_context(**apart)
    assert one is not None
    assert other is not None
    assert other.weights == pytest.approx(one.weights)
    assert mixed == pytest.approx(probability[order])


def test_exclusive_topics_are_learnt_together() -> None:
    random = np.random.default_rng(2)
    groups = np.repeat(np.arange(60), 4)
    targets = np.eye(3, dtype=bool)[random.integers(0, 3, 60)][groups]
    alone = 1.5 * targets + random.normal(scale=1.5, size=targets.shape)
    context, probability, _ = fit_context(
        alone,
        targets,
        groups=groups,
        character_counts=np.full(240, 40),
        furniture=np.zeros(240, dtype=bool),
        settings=Settings(exclusive=True),
    )
    assert isinstance(context, LinearContext)
    assert probability.sum(axis=1) == pytest.approx(np.ones(240))
    right = (probability.argmax(axis=1) == targets.argmax(axis=1)).mean()
    assert right > (alone.argmax(axis=1) == targets.argmax(axis=1)).mean() + 0.1
    given = evidence(alone, np.full(60, 4), np.full(240, 40), exclusive=True)
    assert given[..., 4] == pytest.approx(1 - squash(alone, exclusive=True) ** 2)


@pytest.mark.parametrize("why", ["few documents", "paragraphs alone", "furniture", "unscored", "no help"])
def test_without_reason_there_is_no_context(why: str) -> None:
    given = documents(10) if why == "few documents" else documents(100, 1) if why == "paragraphs alone" else documents()
    if why == "unscored":
        given["alone"][:5, 0] = np.nan
    if why == "furniture":
        given["furniture"] = np.arange(300) % 5 != 0
    if why == "no help":
        # Each paragraph has a topic or not whatever the others have, and the log odds are true.
        random = np.random.default_rng(0)
        given["targets"] = random.random((300, 2)) < 0.4
        given["alone"] = np.log(2 / 3) + np.where(given["targets"], 2, -2) + random.normal(scale=2.0, size=(300, 2))
    before = given["alone"].copy()
    context, probability, among = fit_context(**given)
    assert context is None
    assert np.array_equal(probability, squash(before, exclusive=False), equal_nan=True)
    assert not among.any()


def test_a_topic_that_no_example_has_leaves_the_others_their_context() -> None:
    given = documents()
    given["targets"][:, 1] = False
    given["alone"][:, 1] = -2.0 + np.random.default_rng(1).normal(size=300)
    context, together, _ = fit_context(**given)
    alone = squash(given["alone"], exclusive=False)
    assert context is not None
    assert together[:, 1].max() < 0.3
    assert error(together[:, :1], given["targets"][:, :1]) < error(alone[:, :1], given["targets"][:, :1])

"""What is doubtful in labels, on texts of which it is known."""

import json
import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from foreign import foreign
from scipy.sparse import csr_matrix

import tagger
from tagger import curation
from tagger.curation import Check, Finding, check, evidence, write_findings
from tagger.curation.evidence import weigh
from tagger.curation.judges import _nearest
from tagger.curation.opinions import Opinions, ask, parts
from tagger.curation.planting import Sought, calibrate, other_views, plant_errors, plantings
from tagger.curation.suspects import Mode, best_corrections
from tagger.dataset import LabelOptions, read_dataset
from tagger.dataset.keys import example_key
from tagger.errors import DataError
from tagger.messages import _
from tagger.settings import Settings
from tagger.training import build_corpus, resolve_settings

WORDS = {
    "天气": ["气温", "下降", "阵雨", "大风", "台风", "晴朗", "降雪", "预报", "雾霾", "寒潮"],
    "体育": ["球队", "比赛", "进球", "冠军", "教练", "联赛", "射门", "主场", "决赛", "夺冠"],
    "财经": ["股市", "上涨", "基金", "利率", "银行", "投资", "贷款", "汇率", "债券", "涨停"],
}
TWICE = 999  # the line of a text that stands twice
COMMON = ["今天", "记者", "消息", "据悉", "昨日", "表示", "目前", "有关", "情况", "同时"]


def made(topics: tuple[str, ...], draw: random.Random) -> str:
    words = [word for topic in topics for word in draw.sample(WORDS[topic], 4)] + draw.sample(COMMON, 4)
    draw.shuffle(words)
    return "".join(words)


def exclusive_examples() -> list[tagger.Example]:
    draw = random.Random(0)  # noqa: S311 - test data
    topics = [name for name in WORDS for _ in range(50)]
    draw.shuffle(topics)
    return [tagger.Example(made((name,), draw), (name,), line=line) for line, name in enumerate(topics, start=2)]


@pytest.fixture(scope="module")
def exclusive_check() -> tuple[Check, set[int | None]]:
    """One topic each, every fifteenth of the labels wrong."""
    examples = exclusive_examples()
    wrong = {}
    for place in range(0, len(examples), 15):
        other = next(name for name in WORDS if (name,) != examples[place].topics)
        wrong[examples[place].line] = other
        examples[place] = replace(examples[place], topics=(other,))
    first = examples[1]
    other = next(name for name in WORDS if (name,) != first.topics)
    examples.append(replace(first, topics=(other,), line=TWICE))
    steps: list[tuple[int, int]] = []
    found = check(examples, topics=(), progress=lambda *step: steps.append(step))
    assert steps == [(step, 5) for step in range(1, 6)]
    return found, set(wrong)


@pytest.fixture(scope="module")
def several_check() -> Check:
    """Articles of paragraphs with two topics, one or none; one topic is missing, and one stands too many."""
    draw = random.Random(1)  # noqa: S311 - test data
    kinds = [(), *((name,) for name in WORDS), *combinations(WORDS, 2)]
    examples: list[tagger.Example] = []
    for number in range(24):
        mine = draw.sample(kinds, 5)
        for paragraph, topics in enumerate(mine, start=1):
            text = made(topics, draw)
            examples.append(tagger.Example(text, topics, f"文章{number}", paragraph, len(examples) + 2))
    for place, example in enumerate(examples):
        if example.topics == ("天气",) and place > 40:
            examples[place] = replace(example, topics=("天气", "彩票", "财经"))
            break
    for place, example in enumerate(examples):
        if len(example.topics) == 2 and place > 60:
            examples[place] = replace(example, topics=example.topics[:1])
            break
    return check(examples, topics=())


def test_most_of_the_wrong_labels_head_the_list(exclusive_check: tuple[Check, set[int | None]]) -> None:
    found, wrong = exclusive_check
    first = [finding.line for finding in found.suspects()[: len(wrong) + 1]]
    assert len(wrong.intersection(first)) >= 0.9 * len(wrong)
    assert {finding.kind for finding in found.suspects()} == {"wrong topic", "conflict"}


def test_a_suggestion_is_the_right_topic_and_its_words_speak_for_it(
    exclusive_check: tuple[Check, set[int | None]],
) -> None:
    found, wrong = exclusive_check
    right = {example.line: example.topics for example in exclusive_examples()}
    for finding in [finding for finding in found.suspects() if finding.line in wrong][:5]:
        assert finding.suggestion == right[finding.line]
        assert finding.evidence[0].value > 0
        assert finding.evidence[0].feature in finding.text
        assert finding.key == example_key(tagger.Example(finding.text, finding.topics))


def test_as_many_hits_are_expected_as_there_are(exclusive_check: tuple[Check, set[int | None]]) -> None:
    found, wrong = exclusive_check
    assert found.expectation is not None
    assert found.expectation.first == 100
    # The lower bound is low where there are few.
    assert len(wrong) / 3 <= found.expectation.hits <= 1.3 * len(wrong)
    assert found.expectation.least <= found.expectation.hits <= found.expectation.most
    assert found.confusions[0].number >= 1
    assert found.judges[0] == "machine"


@pytest.mark.full
def test_topics_are_added_and_dropped_where_a_text_may_have_several(several_check: Check) -> None:
    assert several_check.documents == 24
    kinds = {finding.kind for finding in several_check.suspects()[:4]}
    assert {"extra topic", "missing second topic"} <= kinds
    extra = next(finding for finding in several_check.suspects() if finding.kind == "extra topic")
    assert extra.topics == ("天气", "彩票", "财经")
    assert extra.suggestion == ("天气", "彩票")


def test_what_train_refuses_is_found(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text('[weather]\ntitle = "天气"\n[sport]\ntitle = "体育"\n', encoding="utf-8")
    path = tmp_path / "labels.csv"
    path.write_text(
        "text,topics\n明天有雨,weather\n球队赢了,sprot\n明天有雨,体育\n阵雨转晴,天气\n教练换人,sport\n,sport\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError):
        tagger.train(path)
    found = check(path)
    by_kind = {kind: [finding.line for finding in found.findings if finding.kind == kind] for kind in found.counts()}
    assert by_kind["form"] == [3]
    assert by_kind["conflict"] == [2, 4]
    assert by_kind["passed over"] == [7]
    assert "did you mean 'sport'" in found.findings[0].note
    titled = next(finding for finding in found.findings if finding.line == 4)
    assert titled.topics == ("sport",)
    # Of the topics as they are written, for whoever writes others.
    assert titled.key == example_key(tagger.Example("明天有雨", ("体育",)))


def test_labels_that_nothing_can_be_learnt_from_are_checked_all_the_same() -> None:
    alone = check([("明天有雨", "天气"), ("后天有雨", "天气")])
    assert alone.expectation is None
    assert not alone.judges
    assert "every example has the topic" in alone.findings[0].note
    one_document = [tagger.Example(made((name,), random.Random(n)), (name,), "同一篇") for n, name in enumerate(WORDS)]  # noqa: S311
    assert not check(one_document * 8, topics=()).judges
    rare = Settings(minimum_documents=30)
    texts = [made((name,), random.Random(n)) for n, name in enumerate([*WORDS] * 8)]  # noqa: S311
    labels = [*zip(texts, [*WORDS] * 8, strict=True)]
    assert not check(labels, settings=rare).judges


def test_examples_in_memory_that_are_none_are_findings() -> None:
    examples = [tagger.Example("", ("天气",)), tagger.Example("明天有雨", ("天气",)), tagger.Example("进球", ("体育",))]
    found = check(examples, topics=(), options=LabelOptions(rare="stop"))
    assert found.findings[0].line == 1
    assert found.examples == 2
    assert "the text is empty" in found.findings[0].note


def test_topics_too_rare_to_be_judged_stay_in_a_suggestion(several_check: Check) -> None:
    rare = next(finding for finding in several_check.findings if finding.kind == "rare topic")
    assert rare.note == "彩票: 1"
    kept = next(finding for finding in several_check.suspects() if "彩票" in finding.topics)
    assert "彩票" in (kept.suggestion or ())
    assert kept.suggestion != kept.topics


def test_copies_are_found_with_what_most_of_them_have() -> None:
    long = "警方提醒广大市民不要轻信陌生来电不要向陌生账户转账"
    labels = [
        (long, "反诈"),
        (long + "。", "反诈"),
        (long + "!", "宣传"),
        (long[:-2] + "汇款", "反诈"),
        (long[:-2] + "付钱", "反诈"),
        (long[1:-3] + "打钱呀", "宣传"),
        ("本市今日召开会议部署夏季治安打击整治行动各项工作", "宣传"),
    ]
    found = check(labels)
    kinds = [(finding.kind, finding.line, finding.suggestion) for finding in found.findings if finding.similarity]
    assert kinds[0] == ("conflict", 3, ("反诈",))
    assert ("copy", 4, None) in kinds
    assert any(kind == "near conflict" and line == 6 for kind, line, _ in kinds)
    assert sum(finding.kind == "rare topic" for finding in found.findings) == 2
    equal = check([("明天有雨", "天气"), ("明天有雨。", "天气"), ("球队赢了", "体育")])
    assert equal.counts()["copy"] == 1
    near = check([(long, "反诈"), (long[3:-3] + "打款", "反诈"), ("球队赢了", "体育")])
    assert near.counts()["near copy"] == 1


def test_a_conflict_says_how_sure_it_is_and_stands_once(exclusive_check: tuple[Check, set[int | None]]) -> None:
    mine = [finding for finding in exclusive_check[0].findings if finding.line == TWICE]
    assert [finding.kind for finding in mine] == ["conflict"]
    assert (mine[0].wrong or 0) > 0.2


def test_the_best_correction_is_the_likeliest_that_the_mode_allows() -> None:
    probability = np.array([[0.9, 0.3, 0.05], [0.1, 0.8, 0.05], [0.2, 0.3, 0.1], [0.05, 0.6, 0.3]])
    targets = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 1]], dtype=bool)

    def found(mode: Mode) -> list[tuple[int, int]]:
        best = best_corrections(probability, targets, mode)
        return [*zip(best.added.tolist(), best.dropped.tolist(), strict=True)]

    assert found(Mode(exclusive=False, may_lack=True)) == [(0, 1), (1, 0), (1, -1), (1, 0)]
    assert found(Mode(exclusive=True, may_lack=False))[:2] == [(0, 1), (1, 0)]
    lone = best_corrections(np.array([[0.1, 0.2]]), np.array([[True, False]]), Mode(exclusive=False, may_lack=True))
    assert (lone.added[0], lone.dropped[0]) == (-1, 0)
    forced = best_corrections(np.array([[0.1, 0.2]]), np.array([[True, False]]), Mode(exclusive=False, may_lack=False))
    assert (forced.added[0], forced.dropped[0]) == (1, 0)
    assert lone.apply(np.array([[True, False]]), 0).tolist() == [False, False]


def test_errors_are_planted_as_the_mode_allows() -> None:
    random_numbers = np.random.default_rng(0)
    one = np.eye(4, dtype=bool)[random_numbers.integers(4, size=1000)]
    probability = random_numbers.random((1000, 4))
    planted, wrong = plant_errors(one, probability, mode=Mode(exclusive=True, may_lack=False), seed=0)
    assert wrong.sum() == 50
    assert (planted.sum(axis=1) == 1).all()
    assert ((planted != one).any(axis=1) == wrong).all()
    several = random_numbers.random((1000, 4)) < 0.4
    planted, wrong = plant_errors(several, probability, mode=Mode(exclusive=False, may_lack=True), seed=0)
    assert ((planted != several).any(axis=1) == wrong).all()
    assert len({int(change) for change in planted.sum(axis=1)[wrong] - several.sum(axis=1)[wrong]}) == 3
    some = several | one
    planted, _ = plant_errors(some, probability, mode=Mode(exclusive=False, may_lack=False), seed=0)
    assert planted.any(axis=1).all()
    everything = np.ones((10, 1), dtype=bool)
    assert not plant_errors(everything, probability, mode=Mode(exclusive=True, may_lack=False), rate=1.0, seed=0)[
        1
    ].any()
    assert [plantings(number) for number in (10, 2000, 3000, 90_000)] == [4, 2, 2, 1]


@pytest.mark.parametrize("rate", [0.02, 0.08])
def test_a_probability_is_the_share_that_is_wrong(rate: float) -> None:
    """Log odds of errors and of right labels from two known distributions."""
    draw = np.random.default_rng(1)

    def ranked(number: int, share: float) -> tuple[np.ndarray, np.ndarray]:
        wrong = draw.random(number) < share
        return draw.normal(np.where(wrong, 2.5, -4.0), 1.5), wrong

    log_odds, wrong = ranked(20_000, rate)
    more, planted = ranked(20_000, 0.05)

    def voices(odds: np.ndarray) -> np.ndarray:
        share = 1 / (1 + np.exp(-odds))
        return np.stack([1 - share, share], axis=1)

    opinions = Opinions(
        np.tile([True, False], (20_000, 1)),
        {"machine": voices(log_odds)},
        np.arange(20_000),
        Mode(exclusive=True, may_lack=False),
    )
    odds_of_corrections = opinions.corrections().log_odds
    others = replace(opinions, voices={"machine": voices(more)}).corrections()
    sought = Sought(others, planted, planted, planted)
    learnt = calibrate(opinions, [sought])
    assert learnt is not None
    # Half of it where the judges themselves say that so many labels may be otherwise.
    assert 0.4 * rate <= learnt.rate <= 1.2 * rate
    probability = learnt.probability(odds_of_corrections)
    first = np.argsort(-odds_of_corrections)[:300]
    assert 0.4 * wrong[first].mean() <= probability[first].mean() <= wrong[first].mean() + 0.05
    assert (np.diff(probability[np.argsort(odds_of_corrections)]) >= 0).all()
    few = planted & (np.cumsum(planted) <= 5)
    assert calibrate(opinions, [Sought(others, few, few, few)]) is None
    assert [*other_views(opinions, [Sought(others, few, few, few)])] == []
    views = [*other_views(opinions, [sought])]
    # Each correction is a swap here, and no error is of another sort.
    assert len(views) == 3
    assert all(np.array_equal(view, probability) for view in views)


def test_views_take_errors_apart_by_sort_and_by_kind() -> None:
    draw = np.random.default_rng(0)
    targets = draw.random((6000, 3)) < 0.4
    probability = np.clip(np.where(targets, 0.9, 0.1) + draw.normal(0, 0.05, targets.shape), 0.001, 0.999)
    mode = Mode(exclusive=False, may_lack=True)
    opinions = Opinions(targets, {"machine": probability}, np.arange(6000), mode)
    planted, wrong = plant_errors(targets, probability, mode=mode, seed=0)
    sought = Sought.of(best_corrections(probability, planted, mode), opinions, planted)
    assert np.array_equal(sought.wrong, wrong)
    assert np.array_equal(sought.any_other | sought.likeliest, wrong)
    dropped = wrong & ~(planted & ~targets).any(axis=1)
    assert np.array_equal(sought.any_other & sought.likeliest, dropped)
    assert sought.likeliest[~dropped].sum() > sought.any_other[~dropped].sum()  # any other may be the likeliest too
    views = [*other_views(opinions, [sought])]
    assert len(views) == 3
    adds = opinions.corrections().kind == 0
    assert adds.any()
    learnt = calibrate(opinions, [sought])
    assert learnt is not None
    assert (views[0][adds] <= learnt.probability(opinions.corrections().log_odds)[adds]).all()
    assert all(((view >= 0) & (view <= 1)).all() for view in views)


def test_documents_that_share_copies_stay_together() -> None:
    draw = random.Random(0)  # noqa: S311
    labels = [
        tagger.Example(made((name,), draw), (name,), document) for name, document in zip(WORDS, "甲乙丙", strict=True)
    ]
    corpus = build_corpus(read_dataset([*labels, *labels], topics=(), keep_conflicts=True), Settings())
    assert parts(corpus, np.array([0, 1, 2, 3, 0, 5])).tolist() == [0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("judges", "tolerated", "heard"),
    [
        (("naive Bayes",), 0.0, ["naive Bayes"]),
        (None, 0.0, []),
        (None, 9.0, ["naive Bayes", "nearest texts"]),
    ],
)
def test_judges_are_heard_that_are_named_or_are_not_much_worse(
    judges: tuple[str, ...] | None, tolerated: float, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagger.curation.opinions._TOLERATED", tolerated)
    dataset = read_dataset(exclusive_examples()[:60], topics=())
    settings = resolve_settings(Settings(), dataset)
    found = ask(build_corpus(dataset, settings), settings, np.arange(60), judges=judges)
    machine, *others = [*found.voices]
    assert machine == "machine"
    assert [name for name in others if not name.startswith("machine")] == heard


FOUND = Check(
    "labels.csv",
    2,
    2,
    (tagger.Topic("weather", "天气"), tagger.Topic("sport", "体育")),
    (
        Finding("form", note="holds nothing"),
        Finding("extra topic", 3, "a", 1, 0.93, ("sport", "weather"), (), text="=" + "雨" * 3000, key="9f3c"),
    ),
    (curation.Confusion("weather", "sport", 3),),
)


@pytest.mark.parametrize(("language", "header", "none"), [("zh", "行", "无"), ("en", "line", "none")])
def test_a_sheet_has_a_header_in_its_language_and_titles(tmp_path: Path, language: str, header: str, none: str) -> None:
    path = tmp_path / "findings.csv"
    assert write_findings(FOUND, path, language=language) == 3  # type: ignore[arg-type]
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith(f"{header},")
    assert f",0.93,体育|天气,{none}," in rows[2]
    assert rows[2].endswith("…,9f3c")
    assert "'=雨" in rows[2]
    assert "→ 体育 × 3" in rows[3]


def test_a_sheet_is_in_its_own_language_and_what_programs_read_is_english(tmp_path: Path) -> None:
    with foreign():
        finding = Finding("conflict", 3, note=_("{topic}: {number}", topic="天气", number=2), lines=(4, 5))
        found = replace(FOUND, findings=(finding,), confusions=())
        for language in ("zh", "en"):
            write_findings(found, tmp_path / f"{language}.csv", language=language)
        write_findings(found, tmp_path / "findings.jsonl")
        assert found.to_dict()["findings"][0]["note"] == "天气: 2"
    chinese, english = ((tmp_path / f"{name}.csv").read_text("utf-8-sig") for name in ("zh", "en"))
    assert ",〔conflict〕," in chinese
    assert "〔〔天气: 2〕; 〔lines 4, 5〕〕" in chinese
    assert ",conflict," in english
    assert "天气: 2; lines 4, 5" in english
    assert json.loads((tmp_path / "findings.jsonl").read_bytes())["note"] == "天气: 2"


def test_a_workbook_offers_decisions(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "findings.xlsx"
    write_findings(FOUND, path)
    sheet = openpyxl.load_workbook(path).active
    assert sheet["H1"].value == "决定"
    assert sheet.data_validations.dataValidation[0].formula1 == '"改,对,拿不准"'


def test_json_lines_hold_the_records(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    assert write_findings(FOUND, path) == 2
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert lines[1]["suggestion"] == []
    assert lines[1]["decision"] == ""
    with pytest.raises(DataError, match=r"name it \.csv, \.jsonl"):
        write_findings(FOUND, tmp_path / "findings.doc")


def test_the_nearest_texts_are_those_of_the_largest_similarities() -> None:
    dense = np.random.default_rng(0).random((40, 60)).astype(np.float32)
    dense[dense < 0.7] = 0
    dense[3, :] = 0
    found = _nearest(csr_matrix(dense)).toarray()
    for row, kept in zip(dense, found, strict=True):
        assert sorted(kept[kept > 0]) == sorted(row[row > 0])[-10:]


def test_what_is_doubtful_speaks_where_nothing_else_is_left() -> None:
    corpus = build_corpus(read_dataset(exclusive_examples()[:30], topics=()), Settings(exclusive=True))
    rows = np.arange(30)
    corrections = best_corrections(np.full((30, 3), 0.5), corpus.targets, Mode(exclusive=True, may_lack=False))
    settings = Settings(exclusive=True, always_assign=True)
    all_of_them = weigh(corpus, settings, corrections, rows)
    assert [len(found) > 0 for found in all_of_them] == [True] * 30
    two = weigh(corpus, settings, replace(corrections, added=np.full(30, -1)), rows[:2])
    assert all(part.value != 0 for found in two for part in found)


def test_of_features_within_one_another_the_one_that_says_most_is_named() -> None:
    found = evidence._most({"转账": 1.0, "转": 0.6, "老人": 0.3, "会议": -0.4}, 4, sign=1)
    assert [(part.feature, part.value) for part in found] == [("转账", 1.0), ("老人", 0.3)]
    assert [part.feature for part in evidence._most({"转账": 1.0}, 4, sign=1)] == ["转账"]


def test_the_room_shows_its_names() -> None:
    assert {name for name in curation.__all__ if not hasattr(curation, name)} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = curation.nothing

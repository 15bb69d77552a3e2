import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.svm import LinearSVC

import tagger
from tagger.dataset import read_dataset
from tagger.errors import DataError, SettingsError
from tagger.records import Example, Topic
from tagger.scoring.linear import KNOTS, length_scores
from tagger.tagging import score_texts
from tagger.training.corpus import build_corpus
from tagger.training.folds import split_documents
from tagger.training.held_out import out_of_fold_scores
from tagger.training.lexicon import _dictionary
from tagger.training.linear_fit import fit_candidates, fit_linear
from tagger.training.svm import ROUGH
from tagger.training.tfidf import LENGTH_SCALE, length_columns, single_character_weight


@pytest.mark.full
def test_training_twice_gives_the_same_bytes_in_any_process(
    tiny: tagger.Tagger, tiny_labels: Path, tmp_path: Path
) -> None:
    tiny.save(tmp_path / "here")
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        code = f"import tagger; tagger.train({str(tiny_labels)!r}).save({str(folder)!r})"
        subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONHASHSEED": hash_seed})
        for path in (tmp_path / "here").iterdir():
            assert (folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_rows_are_what_scikit_learn_would_make_of_the_counts(tiny_labels: Path) -> None:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    from tagger.features.extraction import document_frequencies, inverse_frequencies, tfidf  # noqa: PLC0415

    corpus = build_corpus(read_dataset(tiny_labels), tagger.Settings())
    counts = corpus.counts
    shape = (len(counts), corpus.features)
    expected = TfidfTransformer(sublinear_tf=True).fit_transform(
        csr_matrix((counts.values, counts.columns, counts.indptr), shape=shape)
    )
    frequencies = document_frequencies(counts, features=shape[1])
    rows = tfidf(counts, inverse_frequencies(frequencies, documents=len(counts)))
    ours = csr_matrix((rows.values, rows.columns, rows.indptr), shape=shape)
    assert abs(ours - expected).max() < 1e-12


def test_balanced_weights_are_those_of_scikit_learn(tiny_labels: Path) -> None:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    from tagger.features.extraction import tfidf  # noqa: PLC0415

    settings = tagger.Settings(exclusive=False, class_weight="balanced", count_ratios=False, lengths=False)
    corpus = build_corpus(read_dataset(tiny_labels), settings)
    rows = np.arange(corpus.examples)
    fitted, _ = fit_linear(corpus, settings)
    weighed = tfidf(corpus.counts, fitted.idf)
    matrix = csr_matrix((weighed.values, weighed.columns, weighed.indptr), shape=(len(rows), corpus.features))
    svm = LinearSVC(class_weight="balanced", dual=True, tol=1e-3, max_iter=20_000, random_state=0)
    svm.fit(matrix, corpus.targets[:, 0])
    assert fitted.weights_for(0) == pytest.approx(fitted.idf * svm.coef_[0], abs=1e-9)


def test_a_second_svm_learns_from_features_scaled_by_their_log_count_ratios(tiny_labels: Path) -> None:
    from tagger.features.extraction import tfidf  # noqa: PLC0415

    settings = tagger.Settings(exclusive=False, class_weight="none", lengths=False)
    corpus = build_corpus(read_dataset(tiny_labels), settings)
    (fitted, _), (first, _) = fit_linear(corpus, settings), fit_linear(corpus, replace(settings, count_ratios=False))
    weighed = tfidf(corpus.counts, fitted.idf)
    rows = np.zeros((len(weighed), corpus.features))
    rows[np.repeat(np.arange(len(weighed)), np.diff(weighed.indptr)), weighed.columns] = weighed.values
    inside = corpus.targets[:, 0]
    shares = [(rows[part] > 0).sum(axis=0) + 0.1 for part in (inside, ~inside)]
    ratios = np.abs(np.log((shares[0] / shares[0].sum()) / (shares[1] / shares[1].sum())))
    ratios /= np.sqrt(((rows * ratios) ** 2).sum(axis=1).mean())
    second = LinearSVC(dual=True, tol=1e-3, max_iter=20_000, random_state=0).fit(rows * ratios, inside)
    share = 0.5 * inside.sum() / (inside.sum() + 30)
    expected = (1 - share) * first.weights_for(0) + fitted.idf * share * ratios * second.coef_[0]
    assert fitted.weights_for(0) == pytest.approx(expected, abs=1e-6)


def test_a_single_character_weighs_less_than_a_pair_as_rare(tiny_labels: Path) -> None:
    light, plain = (
        tagger.train(tiny_labels, settings=tagger.Settings(character_weight=weight)).model for weight in (0.7, 1.0)
    )
    single = np.array([feature.kind == "characters" and len(feature.text) == 1 for feature in light.features()])
    # The topics have so few examples that it is nearer to 1 than to what the settings say.
    examples = sum(light.provenance.topic_counts.values()) / 2
    assert light.classifier.linear.idf[single] == pytest.approx(
        (0.7 + 0.3 * 30 / (30 + examples)) * plain.classifier.linear.idf[single]
    )
    assert light.classifier.linear.idf[~single].tolist() == plain.classifier.linear.idf[~single].tolist()


def test_characters_weigh_as_the_settings_say_where_examples_are_many() -> None:
    few, many = (np.ones((number, 2), dtype=bool) for number in (30, 10**6))
    assert single_character_weight(few, tagger.Settings()) == pytest.approx(0.85)
    assert single_character_weight(many, tagger.Settings()) == pytest.approx(0.7, abs=1e-4)
    assert single_character_weight(many[:0], tagger.Settings()) == 1.0


def test_topics_that_differ_in_nothing_but_length_are_told_apart() -> None:
    examples = [
        tagger.Example("啊" * (size + number % 10), (topic,), f"{topic}{number}")
        for topic, size in (("short", 10), ("long", 60))
        for number in range(300)
    ]
    knows, knows_not = (
        tagger.train(examples, topics=(), settings=tagger.Settings(lengths=lengths)) for lengths in (True, False)
    )
    assert knows.predict(["啊" * 12, "啊" * 63]) == [("short",), ("long",)]
    # A length that no example had says nothing.
    assert not length_scores(np.array([2000]), knows.model.classifier.linear.length_weights).any()
    assert len(knows_not.model.classifier.linear.length_weights) == 0
    added = next(c for c in knows.explain("啊" * 12)[0].contributions if c.kind == "length")
    assert (added.feature, added.places, added.value > 0) == ("12", (), True)


def test_lengths_are_learnt_where_they_are_looked_up() -> None:
    character_counts = np.array([0, 1, 2, 3, 19, 120, 4095, 4096, 10**6])
    columns = length_columns(character_counts, np.ones(len(character_counts), dtype=bool)).toarray()
    assert columns.sum(axis=1) == pytest.approx(np.full(len(character_counts), LENGTH_SCALE))
    weights = np.random.default_rng(0).normal(size=(KNOTS, 3))
    assert columns @ weights == pytest.approx(length_scores(character_counts, LENGTH_SCALE * weights))
    assert columns[2, 4] == columns[1, 0] == columns[-1, -1] == LENGTH_SCALE
    some = length_columns(character_counts, character_counts == 19)
    assert some.getnnz(axis=1).tolist() == [0, 0, 0, 0, 2, 0, 0, 0, 0]


def test_the_number_of_processes_changes_nothing(tiny_labels: Path) -> None:
    one, two = (tagger.train(tiny_labels, jobs=jobs).model for jobs in (1, 2))
    assert np.asarray(one.classifier.linear.weights).tobytes() == np.asarray(two.classifier.linear.weights).tobytes()
    assert one.classifier.thresholds.tolist() == two.classifier.thresholds.tolist()


def test_unbalanced_weights_are_plain() -> None:
    examples = [Example(text, topics, text) for text, topics in ROWS]
    balanced, plain = (
        tagger.train(examples, settings=tagger.Settings(class_weight=weight)) for weight in ("balanced", "none")
    )
    assert not np.allclose(balanced.model.classifier.linear.bias, plain.model.classifier.linear.bias)


def test_balanced_weights_of_an_exclusive_tagger_count_the_topics() -> None:
    examples = [Example(f"苹果{n}", ("fruit",), f"a{n}") for n in range(20)]
    examples += [Example(f"火车{n}", ("train",), f"b{n}") for n in range(4)]
    examples += [Example(f"老师{n}", ("school",), f"c{n}") for n in range(4)]
    balanced, plain = (
        tagger.train(examples, settings=tagger.Settings(class_weight=weight)) for weight in ("balanced", "none")
    )
    train = balanced.topics.index("train")
    assert score_texts(balanced.model, ["火车"])[0][0, train] > score_texts(plain.model, ["火车"])[0][0, train]


def test_rare_topics_keep_their_recall_beside_a_frequent_one() -> None:
    random = np.random.default_rng(0)
    said = {"many": ("甲乙丙丁戊己庚辛", 300), "few": ("子丑寅卯辰巳午未", 12), "rare": ("天地玄黄宇宙洪荒", 4)}
    common = "的是在有和了不人"
    examples = [
        Example("".join([*random.choice(list(own), 4), *random.choice(list(common), 6)]), (topic,), f"{topic}{number}")
        for topic, (own, times) in said.items()
        for number in range(times)
    ]
    model = tagger.train(examples, topics=())
    for topic, (own, _) in said.items():
        fresh = ["".join([*random.choice(list(own), 4), *random.choice(list(common), 6)]) for _ in range(50)]
        assert np.mean([found == (topic,) for found in model.predict(fresh)]) > 0.8, topic


def test_the_prior_is_the_share_of_each_topic_and_one_example_more(tiny: tagger.Tagger, root: Path) -> None:
    assert tiny.model.classifier.calibration.prior.tolist() == pytest.approx([(5 + 1) / (12 + 2), (4 + 1) / (12 + 2)])
    exclusive = tagger.train(root / "tests/cases/exclusive.csv")
    assert exclusive.model.classifier.calibration.prior.sum() == pytest.approx(1)
    assert exclusive.predict_proba(["ξ"]).sum() == pytest.approx(1)


def test_a_few_examples_told_apart_without_fault_do_not_make_a_temperature_of_nothing(exclusive: tagger.Tagger) -> None:
    assert exclusive.model.classifier.calibration.slope[0] < 60
    assert exclusive.predict_proba(["苹果香蕉"]).max() < 1


ROWS = [
    ("苹果香蕉", ("fruit",)),
    ("苹果葡萄", ("fruit",)),
    ("水果苹果", ("fruit",)),
    ("下雨天晴", ()),
    ("老师学生", ()),
    ("教室学校", ()),
    ("故事电影", ()),
]


def test_exclusive_and_always_are_chosen_from_the_data() -> None:
    one = [Example(text, topics or ("other",), text) for text, topics in ROWS]
    both = [Example(text, ("fruit", "other") if "苹果" in text else ("other",), text) for text, _ in ROWS]
    none = [Example(text, topics, text) for text, topics in ROWS]
    found = [tagger.train(examples).settings for examples in (one, both[1:], none)]
    assert [(s.exclusive, s.always_assign) for s in found] == [(True, True), (False, True), (False, False)]


def test_abstaining_can_be_asked_for_where_every_example_has_a_topic(root: Path) -> None:
    exclusive = root / "tests/cases/exclusive.csv"
    careful = tagger.train(exclusive, settings=tagger.Settings(always_assign=False))
    assert (careful.settings.exclusive, careful.settings.always_assign) == (True, False)
    assert careful.predict([""]) == [()]


def test_exclusive_asked_for_where_the_data_is_not_names_the_lines(tiny_labels: Path) -> None:
    with pytest.raises(DataError, match=r"tiny\.jsonl:2: has 0 topics where an exclusive tagger needs exactly one"):
        tagger.train(tiny_labels, settings=tagger.Settings(exclusive=True))


def test_multi_label_can_be_asked_for_where_every_example_has_one_topic(root: Path) -> None:
    model = tagger.train(root / "tests/cases/exclusive.csv", settings=tagger.Settings(exclusive=False))
    assert (model.settings.exclusive, model.settings.always_assign) == (False, True)
    assert len(model.predict(["苹果"])[0]) >= 1


TOPICS = (Topic("fruit", "水果", "", ("苹果", "火龙果树")), Topic("train", "火车", "", ("火车", "高铁站台")))


def test_keywords_alone_make_a_tagger() -> None:
    model = tagger.train([], topics=TOPICS)
    assert model.predict(["苹果火龙果树", "高铁站台上的火车"]) == [("fruit",), ("train",)]
    assert model.model.dictionary == ("火车", "火龙果树", "苹果", "高铁站台")
    assert {"火龙果树", "高铁站台"} <= {feature.text for feature in model.model.features() if feature.kind == "word"}


def test_keywords_help_where_labels_are_few() -> None:
    examples = [Example(text, topics, text) for text, topics in ROWS]
    fruit = Topic("fruit", "水果", "", ("菠萝", "荔枝"))
    without, having = tagger.train(examples), tagger.train(examples, topics=[fruit])
    assert having.predict_proba(["菠萝"])[0, 0] > without.predict_proba(["菠萝"])[0, 0]


def test_keywords_of_no_weight_are_no_examples() -> None:
    examples = [Example(text, topics, text) for text, topics in ROWS]
    fruit = Topic("fruit", "水果", "", ("菠萝", "荔枝"))
    model = tagger.train(examples, topics=[fruit], settings=tagger.Settings(keyword_weight=0.0))
    assert not {"菠", "荔"} & {feature.text for feature in model.model.features()}


def test_a_keyword_of_two_topics_is_an_example_of_both() -> None:
    corpus = build_corpus(
        read_dataset([], topics=[Topic("a", "a", "", ("甲乙", "丙丁")), Topic("b", "b", "", ("甲乙", "戊己"))]),
        tagger.Settings(),
    )
    assert corpus.targets.sum() == 4
    assert len(corpus.counts) == 3


def test_rare_features_can_be_left_out(tiny: tagger.Tagger, tiny_labels: Path) -> None:
    pruned = tagger.train(tiny_labels, settings=tagger.Settings(minimum_documents=2))
    assert {f.documents >= 2 for f in pruned.model.features()} == {True}
    assert len(pruned.model.classifier.linear.idf) < len(tiny.model.classifier.linear.idf)
    # Words of one text are not cut any more, so that other words may come of their characters.
    whole, few = ({f for f in m.model.features() if f.kind == "characters"} for m in (tiny, pruned))
    rows = list(map(json.loads, tiny_labels.read_text(encoding="utf-8").splitlines()))
    holders = {f: {row["document"] for row in rows if f.text in f"￨{row['text']}￨"} for f in whole}
    assert {f for f in whole if len(holders[f]) >= 2} == few
    assert {f for f in whole if f.documents >= 2} - few  # two paragraphs of one document are one document


def test_words_or_characters_alone_make_a_tagger(tiny_labels: Path) -> None:
    words = tagger.train(tiny_labels, settings=tagger.Settings(characters=False))
    characters = tagger.train(tiny_labels, settings=tagger.Settings(words=False))
    assert {f.kind for f in words.model.features()} == {"word"}
    assert {f.kind for f in characters.model.features()} == {"characters"}
    assert characters.model.dictionary == ()
    assert characters.tag("苹果").topics


def test_a_fold_knows_nothing_of_the_documents_it_is_scored_on(tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    settings = tagger.Settings(exclusive=False)
    corpus = build_corpus(dataset, settings)
    scored = out_of_fold_scores(corpus, settings)
    held_out, known = scored.scores, scored.known
    rest = np.flatnonzero(corpus.groups != 0)
    alone = build_corpus(read_dataset([dataset.examples[row] for row in rest], topics=dataset.topics), settings)
    (*_, fitted), _ = fit_candidates(alone, settings, tolerance=ROUGH)
    from tagger.features.extraction import count, extract  # noqa: PLC0415

    texts = [dataset.examples[row].text for row in np.flatnonzero(corpus.groups == 0)]
    found = extract(texts, alone.vocabulary)
    expected, expected_known = fitted.scores(count(found), found.codes.character_counts())
    assert held_out[corpus.groups == 0] == pytest.approx(expected, abs=1e-6)
    assert known[corpus.groups == 0].tolist() == expected_known.tolist()


def test_a_topic_of_one_document_is_not_scored_where_that_is_held_out() -> None:
    examples = [Example(text, topics, "one" if topics else text) for text, topics in ROWS]
    settings = tagger.Settings(exclusive=False)
    corpus = build_corpus(read_dataset(examples), settings)
    scored = out_of_fold_scores(corpus, settings)
    held_out, known = scored.scores, scored.known
    assert np.isnan(held_out[:3]).all()
    assert known.tolist()[:3] == [0, 0, 0]
    model = tagger.train(examples, settings=settings)
    assert np.isfinite(model.predict_proba(["苹果", "雨"])).all()
    assert model.thresholds == {"fruit": 0.5}


def test_one_document_can_be_trained_on_but_not_calibrated() -> None:
    model = tagger.train([Example(text, topics, "one") for text, topics in ROWS])
    assert model.predict(["苹果香蕉", "老师"]) == [("fruit",), ()]


def test_a_topic_that_all_examples_have_is_always_scored_the_same() -> None:
    examples = [Example(text, ("all", *topics), text) for text, topics in ROWS]
    model = tagger.train(examples)
    assert {"all"} <= set(model.predict(["苹果"])[0])


def test_documents_are_never_split_over_folds() -> None:
    groups = np.repeat(np.arange(12), 5)
    targets = np.random.default_rng(0).random((60, 3)) < 0.3
    tested = []
    for rest, fold in split_documents(groups, targets, folds=4, seed=0):
        assert not set(groups[rest]) & set(groups[fold])
        tested += fold.tolist()
    assert sorted(tested) == list(range(60))


def test_few_documents_are_left_out_one_by_one() -> None:
    groups = np.array([0, 0, 1, 2])
    folds = list(split_documents(groups, np.ones((4, 1), dtype=bool), folds=5, seed=0))
    assert [fold.tolist() for _, fold in folds] == [[0, 1], [2], [3]]


def test_texts_that_are_documents_of_their_own_are_spread_by_topic() -> None:
    targets = np.zeros((40, 1), dtype=bool)
    targets[:4] = True
    folds = list(split_documents(np.arange(40), targets, folds=4, seed=0))
    assert [int(targets[fold].sum()) for _, fold in folds] == [1, 1, 1, 1]


def test_another_seed_makes_other_folds() -> None:
    groups = np.repeat(np.arange(20), 2)
    targets = np.ones((40, 1), dtype=bool)
    folds = [[fold.tolist() for _, fold in split_documents(groups, targets, folds=4, seed=seed)] for seed in (0, 0, 1)]
    assert folds[0] == folds[1] != folds[2]


def test_the_rarest_topic_is_spread_first() -> None:
    targets = np.zeros((40, 2), dtype=bool)
    targets[:20, 0] = True
    targets[16:20, 1] = True
    folds = list(split_documents(np.arange(40), targets, folds=4, seed=0))
    assert [int(targets[fold, 1].sum()) for _, fold in folds] == [1, 1, 1, 1]


def test_one_document_has_no_folds() -> None:
    assert list(split_documents(np.zeros(3, dtype=np.int64), np.ones((3, 1), dtype=bool), folds=5, seed=0)) == []


def test_a_topic_without_examples_is_not_known() -> None:
    examples = [Example(text, topics, text) for text, topics in ROWS]
    settings = tagger.Settings(exclusive=False)
    corpus = build_corpus(read_dataset(examples), settings)
    _, learnt = fit_linear(corpus.part(np.array([0, 1])), settings)
    assert learnt.tolist() == [False]


def test_a_text_without_known_features_is_told() -> None:
    settings = tagger.Settings(exclusive=False)
    corpus = build_corpus(read_dataset([Example(text, topics, text) for text, topics in ROWS]), settings)
    fitted, _ = fit_linear(corpus.part(np.arange(5)), settings)
    _, known = fitted.scores(corpus.counts.take(np.array([0, 6])), corpus.character_counts[[0, 6]])
    assert known.tolist() == [11, 0]


def test_boundaries_are_counted_of_texts_and_not_of_keywords() -> None:
    examples = [Example(text, topics, text) for text, topics in ROWS]
    names = sorted({name for _, names in ROWS for name in names})
    topics = [Topic(name, name, keywords=("特快",)) for name in names]
    whole, without = (
        build_corpus(read_dataset(examples, topics=topics), tagger.Settings(exclusive=False, boundaries=boundaries))
        for boundaries in (True, False)
    )
    edges = {name.text for name in whole.feature_names if "￨" in name.text}
    assert edges == {f"￨{text[0]}" for text, _ in ROWS} | {f"{text[-1]}￨" for text, _ in ROWS}
    assert not [name for name in without.feature_names if "￨" in name.text]
    assert "特快" in {name.text for name in whole.feature_names}


def test_texts_without_a_letter_are_trained_on_like_any_others() -> None:
    examples = [
        Example(sign * length, (topic,), document=sign * length)
        for sign, topic in (("!", "loud"), ("?", "unsure"))
        for length in range(1, 9)
    ]
    made = tagger.train(examples)
    assert {feature.text for feature in made.model.features()} == {"!", "!!", "?", "??", "￨!", "!￨", "￨?", "?￨"}
    assert made.predict(["!", "??"]) == [("loud",), ("unsure",)]


def test_without_jieba_training_says_what_to_install(tiny_labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dictionary.cache_clear()
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(SettingsError, match="jieba, whose dictionary tells words, is not installed: pip install jieba"):
        tagger.train(tiny_labels)


def test_what_was_passed_over_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "labels.csv").write_text(
        "text,topics\n苹果,水果\n梨子,水果\n,水果\n火车,交通\n车站,交通\n车站,水果\n", encoding="utf-8"
    )
    tagger.train(tmp_path / "labels.csv")
    assert [(record.name, record.levelname) for record in caplog.records] == [("tagger.training", "WARNING")] * 2
    passed, doubtful = (record.getMessage() for record in caplog.records)
    assert passed == "passed over: 1 row without a text (line 4)"
    assert "1 text with other topics than before (line 7)" in doubtful

from pathlib import Path

import pytest

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.errors import SettingsError
from tagger.records import Example, Topic
from tagger.training import tune
from tagger.training.tuning import CANDIDATES


@pytest.fixture(scope="module")
def dataset(root: Path) -> Dataset:
    return read_dataset(root / "tests/cases/tiny.jsonl")


@pytest.mark.full
def test_the_same_data_and_seed_give_the_same_choice_for_any_number_of_processes(dataset: Dataset) -> None:
    one, two = (tune(dataset, tagger.Settings(), jobs=jobs) for jobs in (1, 2))
    assert one == two
    assert one.cut == 0


@pytest.mark.full
def test_every_kind_of_setting_is_tried_but_keywords_where_there_are_none(dataset: Dataset) -> None:
    seen: list[tuple[int, int]] = []
    tuning = tune(dataset, tagger.Settings(), progress=lambda done, total: seen.append((done, total)))
    assert {t.settings.keyword_weight for t in tuning.trials} == {0.5}
    assert {t.settings.cost for t in tuning.trials} == {0.25, 0.5, 1.0, 2.0, 4.0}
    total = sum(len(kind) for kind in CANDIDATES) - 3
    assert seen[-1] == (total, total)


@pytest.mark.full
def test_keywords_are_weighed_where_there_are_some() -> None:
    examples = [Example(f"苹果{n}", ("fruit",), f"a{n}") for n in range(6)]
    examples += [Example(f"下雨{n}", (), f"b{n}") for n in range(6)]
    tuning = tune(read_dataset(examples, topics=[Topic("fruit", "水果", "", ("香蕉",))]), tagger.Settings())
    assert {t.settings.keyword_weight for t in tuning.trials} == {0.25, 0.5, 1.0}


@pytest.mark.full
def test_what_makes_no_difference_stays_as_it_was() -> None:
    examples = [Example(f"苹果香蕉{n}", ("fruit",), f"a{n}") for n in range(10)]
    examples += [Example(f"下雨天晴{n}", (), f"b{n}") for n in range(10)]
    tuning = tune(read_dataset(examples), tagger.Settings())
    assert tuning.settings == tagger.Settings()


def test_a_budget_cuts_the_list_and_the_outcome_says_so(dataset: Dataset, tmp_path: Path) -> None:
    tuning = tune(dataset, tagger.Settings(), budget=0.0)
    assert len(tuning.trials) == 1
    assert tuning.cut > 0
    model = tagger.training.train_dataset(dataset, tuning.settings, tuning=tuning.to_dict())
    model.save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"the time budget cut off {tuning.cut} candidates" in card
    assert tagger.load(tmp_path / "model").model.provenance.tuning == tuning.to_dict()


@pytest.mark.full
def test_exclusive_taggers_are_tuned_for_accuracy(root: Path) -> None:
    tuning = tune(read_dataset(root / "tests/cases/exclusive.csv"), tagger.Settings())
    assert tuning.measure == "accuracy"
    assert 0 <= tuning.trials[0].score <= 1
    assert tuning.settings.exclusive is None


@pytest.mark.full
def test_better_settings_are_taken_over_from_what_they_were(dataset: Dataset) -> None:
    # With features of five documents alone there is next to nothing to learn from.
    single = read_dataset([Example(e.text, e.topics) for e in dataset.examples])
    tuning = tune(single, tagger.Settings(minimum_documents=5))
    assert tuning.settings.minimum_documents < 5
    assert tuning.trials[0].score < 0.6 < max(trial.score for trial in tuning.trials)


def test_settings_that_leave_no_feature_are_told(dataset: Dataset) -> None:
    with pytest.raises(SettingsError, match="no feature occurs in minimum_documents=8 documents: lower it"):
        tune(dataset, tagger.Settings(minimum_documents=8))

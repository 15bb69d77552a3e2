import inspect
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

import tagger
from tagger.cli.evaluate import evaluate
from tagger.cli.train import train
from tagger.dataset import read_dataset
from tagger.sklearn import LEFT_OUT, TopicClassifier
from tagger.training import build_corpus


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"words": False, "characters": False}, "nothing to count"),
        ({"class_weight": "even"}, "class_weight is 'even': it must be one of auto, balanced, none"),
        ({"class_weight": "equal"}, "class_weight is 'equal'"),
        ({"minimum_documents": 0}, "minimum_documents is 0: it must be a whole number from 1 up"),
        ({"folds": 1}, "folds is 1"),
        ({"folds": True}, "folds is True"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "it must be below 4294967296"),
        ({"cost": "1"}, "cost is '1': it must be a number"),
        ({"keyword_weight": True}, "keyword_weight is True: it must be a number"),
        ({"exclusive": "yes"}, "exclusive is 'yes': it must be True or False"),
        ({"cost": 0.0}, "cost is 0.0"),
        ({"cost": float("nan")}, "cost is nan"),
        ({"keyword_weight": -0.5}, "keyword_weight is -0.5"),
        ({"character_weight": 0.0}, "character_weight is 0.0: it must be a finite number above 0"),
        ({"words": None}, "words is None: it must be True or False"),
        ({"count_ratios": None, "words": 1}, "words is 1: it must be True or False"),
        ({"max_false_tag_rate": 1.5}, "max_false_tag_rate is 1.5: it must be a share from 0 to 1, such as 0.05"),
        ({"max_false_tag_rate": True}, "max_false_tag_rate is True"),
        ({"count_ratios": "no"}, "count_ratios is 'no': it must be True or False"),
    ],
)
def test_a_setting_out_of_its_range_is_an_error_that_says_the_range(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(tagger.SettingsError, match=message):
        tagger.Settings(**choice)


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        tagger.Settings().cost = 2.0  # type: ignore[misc]


def test_every_setting_is_an_option_and_a_parameter_or_named_as_left_out() -> None:
    names = {choice.name for choice in fields(tagger.Settings)}
    for command in (train, evaluate):
        options = {str(parameter.name) for parameter in command.params}
        assert {f"setting_{name}" for name in names} <= options
    parameters = inspect.signature(TopicClassifier).parameters
    assert names - set(LEFT_OUT) == set(parameters) - {"keywords", "n_jobs"}
    for choice in fields(tagger.Settings):
        if choice.name in parameters:
            assert parameters[choice.name].default == choice.default
        assert choice.metadata["help"]


def test_what_is_counted_depends_on_these_settings_alone(tiny_labels: Path) -> None:
    topics = (tagger.Topic("fruit", "水果", "", ("苹果",)), tagger.Topic("train", "火车", "", ("车站",)))
    dataset = read_dataset(tiny_labels, topics=topics)
    usual = tagger.Settings()
    for choice in fields(tagger.Settings):
        other = {"bool": False, "float": 0.0, "int": 3}.get(str(choice.type))
        if other is None or choice.name in {"cost", "character_weight"}:
            continue
        changed = replace(usual, **{choice.name: other})  # type: ignore[arg-type]
        if changed.counting_key() == usual.counting_key():
            ours, theirs = (build_corpus(dataset, settings) for settings in (usual, changed))
            assert ours.counts.columns.tolist() == theirs.counts.columns.tolist()
            assert ours.targets.tolist() == theirs.targets.tolist()


def test_tuning_from_no_keywords_tries_them_too(tiny_labels: Path) -> None:
    topics = (tagger.Topic("fruit", "水果", "", ("苹果",)), tagger.Topic("train", "火车", "", ("车站",)))
    none, some = tagger.Settings(keyword_weight=0.0), tagger.Settings(keyword_weight=0.5)
    assert none.counting_key() != some.counting_key()
    dataset = read_dataset(tiny_labels, topics=topics)
    assert len(build_corpus(dataset, some).counts) == len(build_corpus(dataset, none).counts) + 2

from typing import Any

import pytest

import tagger


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"words": False, "characters": False}, "nothing to count"),
        ({"class_weight": "even"}, "class_weight is 'even': it must be one of balanced, none"),
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

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import hard_text

from tagger.text.furniture import is_furniture

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "furniture.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['text'][:24]}: {case['why']}")
def test_furniture_is_told_from_what_says_something(case: dict[str, object]) -> None:
    assert is_furniture(str(case["text"])) is case["furniture"]


def test_no_paragraph_that_is_labelled_with_a_topic_is_furniture(root: Path) -> None:
    with (root / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        labelled = [row["text"] for row in csv.DictReader(file) if row["topics"]]
    assert [text for text in labelled if is_furniture(text)] == []


@pytest.mark.parametrize("case", [case for case in CASES if case["furniture"]], ids=lambda case: case["text"][:24])
def test_words_of_an_article_end_it(case: dict[str, object]) -> None:
    assert not is_furniture(f"{case['text']}，民警在银行劝住了正要汇款的居民，帮他保住了积蓄。")


@given(
    st.one_of(hard_text, st.text(alphabet="记者张某文图摄/: ：|（）2月日。", max_size=70)).filter(
        lambda text: text.strip()
    )
)
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_furniture(text) in (True, False)


@pytest.mark.parametrize("hostile", ["某", "张", "1", "1.", "记者", "文/", "来源：", "首页>", " ", "甲报", "（"])
def test_long_runs_take_little_time(hostile: str) -> None:
    assert is_furniture((hostile * 200)[:60] + "警") in (True, False)

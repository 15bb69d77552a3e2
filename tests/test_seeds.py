"""The labelled articles as data: nothing stands twice, nothing contradicts, and keywords alone would not do."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tagger.dataset import Dataset
from tagger.records import Example
from tagger.text import normalise

# Press of one trade says many things in the same twelve characters; in twenty only what has no other wording.
RUN = 20
# Names of laws, bodies and offices, and turns of law that have no other wording.
KNOWN_RUNS = [
    "我志愿成为一名中华人民共和国人民警察",
    "商贸、访问、探亲、医疗、会展、体育竞技",
    "荣立个人二等功1次、三等功2次",
    "不造谣、不信谣、不传谣",
    "展示无误的不良信息",
    "【字体:大 中 小】【打印本页】【关闭窗口】",
    "打击治理电信网络新型违法犯罪",
    "打击治理电信网络诈骗犯罪",
    "中华人民共和国反电信网络诈骗法",
    "构成帮助信息网络犯罪活动罪",
    "经设区的市级以上公安机关认定",
    "公安厅党委副书记、常务副厅长",
]


@pytest.fixture(scope="module")
def authored(dataset: Dataset) -> list[Example]:
    return [example for example in dataset.examples if str(example.document).startswith("authored/")]


@pytest.fixture(scope="module")
def articles(root: Path) -> list[dict[str, str]]:
    with (root / "seeds" / "authored" / "articles.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return re.sub(r"\s", "", normalise(text))


@pytest.mark.full
def test_no_two_articles_share_a_run_of_characters(dataset: Dataset) -> None:
    known_parts = [plain(run) for run in KNOWN_RUNS]
    documents = defaultdict(set)
    for example in dataset.examples:
        text = plain(example.text)
        for start in range(len(text) - RUN + 1):
            documents[text[start : start + RUN]].add(str(example.document))
    shared = {
        run: names
        for run, names in documents.items()
        if len(names) > 1
        and any(name.startswith("authored/") for name in names)
        # A run may begin before a known name or end after it, but not be made of other words.
        and not any(part[:8] in run or part[-8:] in run or run in part for part in known_parts)
    }
    assert shared == {}


def test_every_article_is_listed_with_its_genre_province_and_year(
    articles: list[dict[str, str]], authored: list[Example]
) -> None:
    assert sorted(f"authored/{row['file']}" for row in articles) == sorted({str(e.document) for e in authored})
    assert all(row["genre"] and row["province"] and 1995 <= int(row["year"]) <= 2026 for row in articles)


def test_the_articles_are_many_and_varied(articles: list[dict[str, str]], authored: list[Example]) -> None:
    assert len(articles) >= 150
    assert len(authored) >= 1200
    assert len({row["genre"] for row in articles}) >= 40
    assert len({row["province"] for row in articles}) >= 30
    assert len({row["year"] for row in articles}) >= 28


def test_each_topic_and_none_has_its_share(authored: list[Example]) -> None:
    counts = Counter(topic for example in authored for topic in example.topics or ("none",))
    share = {topic: count / len(authored) for topic, count in counts.items()}
    assert all(0.075 <= share[topic] <= 0.25 for topic in share if topic != "none")
    assert 0.33 <= share["none"] <= 0.65  # most lines of everyday talk are about none
    assert sum(len(example.topics) > 1 for example in authored) >= 100


def test_keywords_alone_would_not_do(dataset: Dataset, authored: list[Example]) -> None:
    patterns = {topic.name: re.compile("|".join(map(re.escape, topic.keywords))) for topic in dataset.topics}
    found = [{name for name, pattern in patterns.items() if pattern.search(e.text)} for e in authored]
    wrong = sum(names != set(e.topics) for names, e in zip(found, authored, strict=True)) / len(authored)
    missed = [not names & set(e.topics) for names, e in zip(found, authored, strict=True) if e.topics]
    misled = [bool(names) for names, e in zip(found, authored, strict=True) if not e.topics]
    assert wrong >= 0.3
    assert sum(missed) / len(missed) >= 0.5
    assert sum(misled) / len(misled) >= 0.04

"""What a page says to paste is pasted: block after block into a shell, in a folder of one's own."""

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from command_line import invoke

from tagger.cli import main

PAGES = [
    "README.md",
    "README.zh.md",
    "docs/batch.md",
    "docs/thresholds.md",
    "docs/zh/batch.md",
    "docs/zh/labels.md",
    "docs/zh/labelling-loop.md",
]
WORDS = {
    "美食": (["火锅", "面条", "饺子", "烧烤", "米线", "豆腐"], ["很好吃", "要排队", "味道淡", "端上桌", "刚出锅"]),
    "体育": (["球队", "教练", "马拉松", "国足", "网球", "门将"], ["赢了", "在训练", "比赛输了", "换人", "进了决赛"]),
    "财经": (["股市", "银行", "利率", "基金", "央行", "债券"], ["上涨", "下调", "收盘", "发行", "亏了"]),
}
ROWS = [
    (f"昨天{who}{acts[what]}。", topic) for what in range(5) for topic, (names, acts) in WORDS.items() for who in names
]


def blocks(root: Path, page: str) -> list[str]:
    """Return the blocks of a page that are commands of Tagger, without those that install or need a cluster."""
    found = re.findall(r"(?ms)^```console\n(.*?)^```", (root / page).read_text(encoding="utf-8"))
    return [block for block in found if re.search(r"(?m)^tagger ", block) and "pip install" not in block]


def shell(folder: Path, tmp_path: Path, block: str) -> str:
    """Paste a block into a shell that knows `tagger`, and return what is printed."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "tagger").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tagger "$@"\n', encoding="utf-8")
    (programs / "tagger").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail"],  # noqa: S607 - the shell that the reader has
        input=block,
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stderr}"
    return done.stdout + done.stderr


def write_csv(path: Path, header: list[str], rows: Sequence[tuple[str, ...]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_workbook(path: Path, header: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in [header, *rows]:
        book.active.append(list(row))
    book.save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file under each name that the pages take for the reader's own."""
    own = tmp_path / "own"
    own.mkdir()
    for name in ("labels.csv", "test.csv"):
        write_csv(own / name, ["text", "label"], ROWS, "utf-8")
    write_csv(own / "标注表.csv", ["文本", "标签"], ROWS, "gb18030")
    write_workbook(own / "标注表.xlsx", ["文本", "标签"], ROWS)
    write_workbook(own / "sheet.xlsx", ["text", "label"], ROWS)
    for name in ("month.xlsx", "本月文章.xlsx"):
        write_workbook(own / name, ["编号", "正文"], [(f"{n:03}", text) for n, (text, _) in enumerate(ROWS)])
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text, _ in ROWS).encode()
    (own / "articles.jsonl").write_bytes(lines)
    fresh = [f"听说{text}真没想到{number}" for number, (text, _) in enumerate(ROWS)]
    (own / "pool.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in fresh), encoding="utf-8")
    (own / "articles.jsonl.gz").write_bytes(gzip.compress(lines))
    (own / "news").mkdir()
    (own / "news" / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    (own / "texts").mkdir()
    (own / "texts" / "a.txt").write_text("民警劝住了老人。", encoding="utf-8")
    return own


@pytest.mark.full
@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_works_where_it_is_pasted(root: Path, tmp_path: Path, folder: Path, page: str) -> None:
    found = blocks(root, page)
    assert found
    if "--model models/mine" in found[0]:
        shell(folder, tmp_path, "tagger train labels.csv -o models/mine --no-evaluate")
    for block in found:
        shell(folder, tmp_path, block.replace("--budget 10m", "--budget 1s"))


def test_the_chinese_page_on_thresholds_has_the_blocks_of_the_english_one(root: Path) -> None:
    assert blocks(root, "docs/zh/thresholds.md") == blocks(root, "docs/thresholds.md") != []


@pytest.mark.full
@pytest.mark.parametrize("sheet", ["标注表.csv", "标注表.xlsx"])
def test_ten_minutes_in_a_folder_of_ones_own_give_a_tagged_sheet(
    root: Path, tmp_path: Path, folder: Path, sheet: str
) -> None:
    text = (root / "README.zh.md").read_text(encoding="utf-8")
    section = text.partition("## 十分钟上手")[2].partition("\n## ")[0]
    _, own = re.findall(r"(?ms)^```console\n(.*?)^```", section)
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in (sheet, "本月文章.xlsx"):
        (folder / name).rename(empty / name)
    printed = shell(empty, tmp_path, own.replace("标注表.xlsx", sheet))
    assert f"{sheet}: " in printed
    assert "90 examples of 90 rows; 3 topics: 体育 30, 美食 30, 财经 30" in printed
    assert (empty / "标好的.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (empty / "标好的.csv").open(encoding="utf-8-sig", newline="") as file:
        tagged = list(csv.DictReader(file))
    assert [row["编号"] for row in tagged] == [f"{n:03}" for n in range(90)]
    assert [row["topics"] for row in tagged] == [topic for _, topic in ROWS]
    assert {"probabilities.美食", "probabilities.体育", "probabilities.财经"} <= set(tagged[0])


@pytest.mark.full
def test_what_thresholds_do_to_the_demo_is_what_the_documents_say(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke(main, ["demo"]).exit_code == 0
    tables = [
        re.findall(r"(?m)^\| `([a-z0-9=.]+)` \| (0\.\d+) \| (0\.\d+) \|$", (root / page).read_text(encoding="utf-8"))
        for page in ("docs/thresholds.md", "docs/zh/thresholds.md")
    ]
    assert tables[0] == tables[1]
    assert len(tables[0]) == 3
    for objective, *told in tables[0]:
        printed = invoke(main, ["evaluate", "tagger-demo/labels.csv", "--threshold", objective]).stdout
        (row,) = re.findall(r"(?m)^micro +84 +0\.\d+ \(\S+\) +(0\.\d+) \(\S+\) +(0\.\d+) ", printed)
        # Another processor may have a text on the other side of a threshold.
        assert [float(value) for value in row] == pytest.approx([float(value) for value in told], abs=0.03)

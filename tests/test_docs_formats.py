"""Every line of docs/formats.md and docs/zh/labels.md works on a file of the form it names."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

from tagger.cli import main

FOOD = [f"{dish}{word}" for dish in ("火锅", "面条", "饺子", "烧烤", "米线") for word in ("很好吃", "要排队", "涨价了")]
SPORT = [
    f"{team}{word}" for team in ("球队", "教练", "马拉松", "国足", "网球") for word in ("赢了", "在训练", "开赛了")
]
ROWS = [
    (text, topic) for pair in zip(FOOD, SPORT, strict=True) for text, topic in zip(pair, ("美食", "体育"), strict=True)
]


def _lines(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def _json_lines(records: list[dict[str, Any]]) -> bytes:
    return _lines([json.dumps(record, ensure_ascii=False) for record in records])


def _csv(header: str, rows: list[str], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join([header, *rows]).encode(encoding)


def _task(number: int, text: str, topic: str) -> dict[str, Any]:
    result = [{"value": {"choices": [topic]}, "from_name": "topic", "to_name": "text", "type": "choices"}]
    annotation = {"id": number, "result": result, "was_cancelled": False, "created_at": "2026-05-01T08:00:00Z"}
    return {"id": number, "data": {"text": text}, "annotations": [annotation], "predictions": []}


def _task_row(number: int, topic: str) -> str:
    several = '"{""choices"": [""美食"", ""体育""]}"'
    return f"{number},1,2026-05-01,{number},9.1,{several if number == 0 else topic},{ROWS[number][0]},2026-05-01"


def _workbook(path: Path, header: list[str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for row in [header, *map(list, ROWS)]:
        book.active.append(row)
    book.save(path)


def _parquet(path: Path) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    texts, topics = zip(*ROWS, strict=True)
    parquet.write_table(pa.table({"text": texts, "label": topics}), path)


def _folders(path: Path) -> None:
    for number, (text, topic) in enumerate(ROWS):
        (path / topic).mkdir(parents=True, exist_ok=True)
        (path / topic / f"{number}.txt").write_text(text, encoding="utf-8")


def _train_file(path: Path) -> None:
    path.write_bytes(_lines([f"{text}\t{['美食', '体育'].index(topic)}" for text, topic in ROWS]))
    path.with_name("class.txt").write_bytes(_lines(["美食", "体育"]))


def _pages(path: Path) -> None:
    path.mkdir()
    (path / "a.html").write_text("<h1>通知</h1><p>火锅很好吃。</p>", encoding="utf-8")
    (path / "b.txt").write_text("球队赢了。", encoding="gb18030")
    (path / ".hidden").write_text("不是文章", encoding="utf-8")


CONTENT: dict[str, bytes | Callable[[Path], None]] = {
    "sheet.csv": _csv("序号,文本,标签", [f"{n},{text},{topic}" for n, (text, topic) in enumerate(ROWS)], "gb18030"),
    "book.xlsx": lambda path: _workbook(path, ["文本", "标签"]),
    "doccano.jsonl": _json_lines([{"id": n, "text": t, "label": [y], "Comments": []} for n, (t, y) in enumerate(ROWS)]),
    "doccano.csv": _csv("id,text,label", [f"{n},{t},{'美食#体育' if n == 0 else y}" for n, (t, y) in enumerate(ROWS)]),
    "tasks.json": json.dumps([_task(n, *row) for n, row in enumerate(ROWS)]).encode(),
    "tasks-min.json": json.dumps(
        [{"text": t, "id": n, "sentiment": y, "annotator": 1, "annotation_id": n} for n, (t, y) in enumerate(ROWS)]
    ).encode(),
    "tasks.csv": _csv(
        "annotation_id,annotator,created_at,id,lead_time,topic,text,updated_at",
        [_task_row(n, topic) for n, (_, topic) in enumerate(ROWS)],
    ),
    "fasttext.txt": _lines([f"__label__{topic} {' '.join(text)}" for text, topic in ROWS]),
    "train.txt": _train_file,
    "THUCNews": _folders,
    "cnews.txt": _lines([f"{topic}\t{text}" for text, topic in ROWS]),
    "paddle.txt": _lines([f"{text}\t{'美食,体育' if n == 0 else topic}" for n, (text, topic) in enumerate(ROWS)]),
    "clue.json": _json_lines([{"label": str(len(y)), "label_desc": y, "sentence": t, "keywords": ""} for t, y in ROWS]),
    "records.json": json.dumps([{"text": text, "category": topic} for text, topic in ROWS], indent=2).encode(),
    "records.parquet": _parquet,
    "onehot.csv": _csv("text,美食,体育", [f"{text},{int(y == '美食')},{int(y == '体育')}" for text, y in ROWS]),
    "export.json": _json_lines([{"_id": {"$oid": f"{n:x}"}, "content": text} for n, (text, _) in enumerate(ROWS)]),
    "hits.jsonl": _json_lines([{"_index": "news", "_source": {"正文": text}} for text, _ in ROWS]),
    "items.jl": _json_lines([{"url": "x", "title": "无", "content": text} for text, _ in ROWS]),
    "part-00000.gz": gzip.compress(_json_lines([{"text": text} for text, _ in ROWS])),
    "month.xlsx": lambda path: _workbook(path, ["正文", "栏目"]),
    "pages": _pages,
}  # fmt: skip


def table(root: Path, page: str = "formats.md") -> list[tuple[str, str]]:
    """Return file and command of each row of the table."""
    text = (root / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^\| [^|]+ \| `([^`]+)`[^|]*\| `tagger ([^`]+)` \|$", text, re.MULTILINE)


def test_the_table_has_a_file_for_each_line(root: Path) -> None:
    assert [file for file, _ in table(root)] == list(CONTENT)


def test_the_chinese_page_has_the_same_lines(root: Path) -> None:
    assert table(root, "zh/labels.md") == table(root)


@pytest.mark.parametrize("file", CONTENT)
def test_the_line_for_a_form_works(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.chdir(tmp_path)
    content = CONTENT[file]
    if isinstance(content, bytes):
        Path(file).write_bytes(content)
    else:
        content(Path(file))
    command = dict(table(root))[file].split()
    result = invoke(main, [*command, *(["--no-evaluate"] if command[0] == "train" else [])])
    assert result.exit_code == 0, result.stderr
    if command[0] == "train":
        assert "2 topics: " in result.stderr
        assert f"{len(ROWS)} examples" in result.stderr
        again = invoke(main, ["explain", "--json", "--model", "models/mine", "火锅很好吃"])
        assert json.loads(again.stdout.split("\n")[0])["topic"] == "美食"
    else:
        expected = 2 if file == "pages" else len(ROWS)
        assert f"{expected} of {expected} lines tagged" in result.stderr

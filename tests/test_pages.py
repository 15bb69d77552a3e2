"""A report: what is on the page, what it says of files that cannot be read, and that nothing half-written is left."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

import tagger
from tagger.batch import RunOptions, Stop
from tagger.cli import main
from tagger.errors import DataError, RunError, SettingsError

pytest.importorskip("jinja2", reason="jinja2 is not installed: pip install 'tagger-zh[pages]'")

from tagger.pages import LANGUAGES, ReportOptions, write_report
from tagger.pages.entries import Article, Paragraph, Reading, read_date, write_entries
from tagger.pages.overview import Overview
from tagger.pages.words import reason_in, words_in

FRUIT, TRAIN = "苹果和香蕉都熟了。", "火车开进了车站。"
Report = Callable[..., str]


@pytest.fixture
def report(model: Path, tmp_path: Path) -> Report:
    def make(*lines: Any, **options: Any) -> str:
        (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        write_report([str(tmp_path / "in.jsonl")], tmp_path / "out.html", model=model, report=ReportOptions(**options))
        return (tmp_path / "out.html").read_text(encoding="utf-8")

    return make


def data(page: str, name: str = "articles") -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_an_article_has_its_heading_place_date_topics_and_paragraphs_with_what_decided(
    report: Report, tmp_path: Path
) -> None:
    page = report(
        {"标题": "果园见闻", "发布时间": "2024年3月5日 8:00", "text": f"{FRUIT}\n{TRAIN}"}, {"text": "下雨了"}
    )
    first, second = data(page)
    assert first[:3] == ["果园见闻", f"{tmp_path / 'in.jsonl'}:1", "2024-03-05"]
    fruit, train = 0, 1
    assert {first[3][0], first[3][2]} == {fruit, train}
    assert [(p[0], p[1], p[2][0]) for p in first[5]] == [(FRUIT, 0, fruit), (TRAIN, 0, train)]
    topic, start, length, value = first[5][0][5][0][:4]
    assert (topic, FRUIT[start : start + length]) == (fruit, "苹果和香蕉")
    assert value > 0
    assert second[0] == "下雨了"
    assert second[2] == ""


def test_the_page_says_what_there_is_in_both_languages(report: Report) -> None:
    lines = [{"text": FRUIT, "date": "2024-01-02"}, {"text": TRAIN, "date": "2024-02-03"}, {"text": "下雨了"}]
    chinese, english = report(*lines), report(*lines, language="en")
    assert '<html lang="zh-Hans">' in chinese
    assert '<h2 id="overview">概览</h2>' in chinese
    assert "1 篇没有能读懂的日期" in chinese
    assert '<html lang="en">' in english
    assert "<b>3</b> articles" in english
    assert "fruit: most in 2024-01-02, 1 articles" in english


def test_nothing_that_comes_from_files_is_markup(report: Report) -> None:
    hostile = "</script><script>alert(1)</script><!--<script>"
    # HTML is read as a reader sees it: only what is escaped there becomes text with angle brackets.
    page = report({"text": "<p>苹果&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>", "title": hostile})
    assert page.count("<script") == 3
    assert data(page)[0][0] == hostile
    assert data(page)[0][5][0][0] == "苹果</script><script>alert(1)</script>"


def test_offsets_count_as_the_script_counts(report: Report) -> None:
    page = report({"text": "𠮷🍎苹果"})
    _, start, length, _ = data(page)[0][5][0][5][0]
    units = "𠮷🍎苹果".encode("utf-16-le")
    assert units[2 * start : 2 * (start + length)].decode("utf-16-le") == "苹果"


def test_the_same_input_gives_the_same_bytes_and_a_page_is_replaced_whole(report: Report, tmp_path: Path) -> None:
    one = report({"text": FRUIT})
    (tmp_path / "out.html").chmod(0o640)
    assert report({"text": FRUIT}) == one
    assert (tmp_path / "out.html").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.html"]


def test_a_page_that_cannot_be_written_leaves_what_was_there(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = report({"text": FRUIT})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"out\.html: cannot be written: No space left on device; make room"):
        report({"text": TRAIN})
    assert (tmp_path / "out.html").read_text(encoding="utf-8") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.html"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("out.csv", "name it .html"), ("folder.html", "is a folder"), ("none/out.html", "there is no such folder")],
)
def test_a_name_that_no_page_can_have_is_said_before_any_work(tmp_path: Path, name: str, wrong: str) -> None:
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(DataError, match=wrong):
        write_report([str(tmp_path / "none.jsonl")], tmp_path / name)


def test_the_page_may_not_be_one_of_its_inputs(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.html").write_text("<p>苹果</p>", encoding="utf-8")
    with pytest.raises(DataError, match="is read and written at once"):
        write_report([str(tmp_path / "a.html")], tmp_path / "a.html", model=model)


def test_where_nothing_could_be_tagged_there_is_no_page(report: Report, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no article could be tagged \(text is not a string 1\): no report"):
        report({"text": 5})
    (tmp_path / "in.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="no article could be tagged: no report"):
        write_report([str(tmp_path / "in.jsonl")], tmp_path / "out.html")
    assert not (tmp_path / "out.html").exists()


def test_a_run_that_is_stopped_writes_no_page(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.txt").write_text(FRUIT, encoding="utf-8")
    stop = Stop()
    stop.request()
    summary = write_report([str(tmp_path / "a.txt")], tmp_path / "out.html", model=model, stop=stop)
    assert (summary.finished, (tmp_path / "out.html").exists()) == (False, False)


def test_without_jinja_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(RunError, match=r"pages need Jinja2: pip install 'tagger-zh\[pages\]'"):
        write_report(["in.jsonl"], tmp_path / "out.html")


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"megabytes": 0}, {"megabytes": float("nan")}])
def test_options_outside_their_range_are_errors(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="must be"):
        ReportOptions(**wrong)


def test_of_more_than_a_page_holds_the_most_doubtful_are_listed_and_all_are_counted(report: Report) -> None:
    lines = [{"text": f"{FRUIT}第{n}天"} for n in range(60)] + [{"text": "苹果落在火车上。"}] + [{"text": FRUIT}] * 60
    whole = data(report(*lines))
    page = report(*lines, megabytes=0.002)
    kept = data(page)
    assert 1 < len(kept) < 40
    assert kept == [article for article in whole if article in kept]
    least = sorted(min([a[4], *(p[4] for p in a[5])]) for a in whole)
    assert min(min([a[4], *(p[4] for p in a[5])]) for a in kept) == least[0]
    assert "概览统计全部 121 篇" in page
    assert data(report(*lines, megabytes=0.00001)) == []


def test_a_title_field_is_tagged_and_heads_the_article(report: Report, tmp_path: Path) -> None:
    page = report({"text": TRAIN, "name": "苹果香蕉", "when": "2024-5"}, title_field="name", date_field="when")
    (article,) = data(page)
    assert (article[0], article[2], [p[0] for p in article[5]]) == ("苹果香蕉", "2024-05", ["苹果香蕉", TRAIN])
    assert str(tmp_path) in article[1]


def test_dates_are_read_as_people_and_programs_write_them() -> None:
    read = {
        "2024-03-05T10:20:30+08:00": "2024-03-05",
        "2024/3/5": "2024-03-05",
        "2024.3": "2024-03",
        " 2024年 3月 5日": "2024-03-05",
        "2024年3月": "2024-03",
        "20240305": "2024-03-05",
        "20240305102030": "2024-03-05",
    }
    wrong = ["2024-02-31", "2024-13-01", "12024-03-05", "3 May", "1850-01-01", "202403051", "2024-03-051", ""]
    read |= dict.fromkeys(wrong, "")
    assert {text: read_date(text) for text in read} == read
    assert [read_date(None), read_date(20240305), read_date(["2024-03-05"])] == ["", "2024-03-05", ""]


def article(date: str = "", *topics: str) -> Article:
    return Article("x", "x:1", date, topics, dict.fromkeys(topics, 1.0), 1.0, ())


def test_time_is_shown_by_day_month_or_year_without_gaps() -> None:
    def timeline(*dates: str) -> Any:
        overview = Overview()
        for date in dates:
            overview.add(article(date, "fruit"))
        return overview.timeline(["fruit", None])

    days = timeline("2024-02-28", "2024-03-01", "2024-03-01")
    assert (days.unit, days.steps) == ("day", ("2024-02-28", "2024-02-29", "2024-03-01"))
    assert (days.counts["fruit"], days.counts[None], days.most) == ((1, 0, 2), (0, 0, 0), 2)
    months = timeline("2023-12-31", "2024-02-01", "2024-02")
    assert (months.unit, months.steps, months.counts["fruit"]) == (
        "month",
        ("2023-12", "2024-01", "2024-02"),
        (1, 0, 2),
    )
    assert timeline("2024-01-01", "2024-12-31").unit == "month"
    years = timeline("2001-01-01", "2024-12-31")
    assert (years.unit, years.steps[0], len(years.steps)) == ("year", "2001", 24)
    assert timeline("") is None
    assert Overview().timeline([]) is None


def test_furniture_is_no_paragraph_and_gets_no_doubt() -> None:
    furniture = Paragraph("编辑", True, (), ("fruit",), {"fruit": 0.5}, 0.5)
    own = Paragraph("苹果", False, ("fruit",), (), {"fruit": 0.8}, 0.8)
    overview = Overview()
    whole = Article("x", "x:1", "", ("fruit",), {"fruit": 0.9}, 0.9, (furniture, own))
    overview.add(whole)
    assert (overview.paragraphs, dict(overview.paragraph_sureness)) == (1, {"fairly": 1})
    assert (furniture.doubtful, own.doubtful) == (False, False)
    assert whole.doubt == pytest.approx(0.2)


def test_a_heading_is_the_first_paragraph_that_says_something() -> None:
    def heading(*texts: str, furniture: bool = False) -> str:
        paragraphs = [
            {"text": text, "furniture": furniture, "topics": [], "probabilities": {"fruit": 0.1}} for text in texts
        ]
        tagged = {"topics": [], "probabilities": {"fruit": 0.1}, "paragraphs": paragraphs}
        return Article.of({"title": " "}, tagged, "x:1", Reading(), "text").heading

    assert heading("要闻", "苹果都熟了,大家来看") == "苹果都熟了,大家来看"
    assert heading("要闻", "苹果") == "要闻"
    assert heading("长" * 41) == "长" * 40 + "…"
    assert heading("编辑:某某某", furniture=True) == "编辑:某某某"
    assert heading() == ""


def test_a_paragraph_may_have_a_topic_without_a_word_that_decided(tiny: tagger.Tagger) -> None:
    by_its_neighbours = Paragraph("!", False, ("fruit",), (), {"fruit": 0.8, "train": 0.1}, 0.8)
    (entry,) = write_entries([Article("", "x:1", "", (), {}, 1.0, (by_its_neighbours,))], tiny)
    assert json.loads(entry) == ["", "x:1", "", [], 100, [["!", 0, [0, 80], [], 80, []]]]
    assert write_entries([], tiny) == []


def test_both_languages_have_the_same_words_with_the_same_places_to_fill() -> None:
    chinese, english = map(words_in, LANGUAGES)
    places = [{name: set(re.findall(r"{\w+}", text)) for name, text in words.items()} for words in (chinese, english)]
    assert places[0] == places[1]
    plain = ("lang", "counts", "given", "fairly_range", "comma")
    assert all(re.search("[一-龥]", text) for name, text in chinese.items() if name not in plain)
    assert not any(re.search("[一-龥]", text) for text in english.values())
    assert (reason_in("zh", "something new"), reason_in("en", "no text")) == ("something new", "no text")


def test_the_command_makes_a_page_and_lists_what_it_could_not_read(model: Path, tmp_path: Path) -> None:
    lines = "\n".join([json.dumps({"text": FRUIT}), '{"text": 5}', *["{"] * 120])
    (tmp_path / "in.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "a.txt").write_text(TRAIN, encoding="utf-8")
    command: list[str | Path] = [
        "report",
        "--model",
        model,
        tmp_path / "in.jsonl",
        tmp_path / "a.txt",
        "-o",
        tmp_path / "out.html",
    ]
    result = invoke(main, command)
    assert result.exit_code == 1
    told = result.stderr.splitlines()
    assert told[0] == f"Error: {tmp_path / 'in.jsonl'}:2: field 'text' is not a string"
    assert told[-2].startswith(f"{tmp_path / 'out.html'}: a page about 2 articles; in ")
    assert told[-1] == "121 could not be tagged (broken JSON 120, text is not a string 1): the page lists them"
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "JSON 格式有误 120, 正文不是文字 1" in page
    assert "另有 21 条未列出" in page
    assert [a[1] for a in data(page)] == [f"{tmp_path / 'in.jsonl'}:1", str(tmp_path / "a.txt")]
    quiet = invoke(main, [*command[:4], "-q", "-o", tmp_path / "out.html", tmp_path / "a.txt", "--lang", "en"])
    assert quiet.exit_code == 1
    good = invoke(main, ["report", "--model", model, "-q", tmp_path / "a.txt", "-o", tmp_path / "out.html"])
    assert (good.exit_code, good.stderr) == (0, "")


def test_the_command_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    out = tmp_path / "out.html"
    assert invoke(main, ["report", tmp_path / "a.txt", "-o", out, "--megabytes", "-1"]).exit_code == 2
    assert invoke(main, ["report", tmp_path / "a.txt", "-o", out, "--jobs", "0"]).exit_code == 2
    assert invoke(main, ["report", "-o", out]).exit_code == 2
    assert invoke(main, ["report", tmp_path / "a.txt"]).exit_code == 2
    wrong = invoke(main, ["report", tmp_path / "a.txt", "-o", tmp_path / "out.csv"])
    assert (wrong.exit_code, "name it .html" in wrong.stderr) == (1, True)


def test_a_command_that_is_stopped_says_that_there_is_no_page(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal  # noqa: PLC0415

    import tagger.pages.report as room  # noqa: PLC0415

    (tmp_path / "a.txt").write_text(FRUIT, encoding="utf-8")
    tag_files = vars(room)["tag_files"]

    def interrupted(*arguments: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return tag_files(*arguments, **options)

    monkeypatch.setattr(room, "tag_files", interrupted)
    result = invoke(main, ["report", "--model", model, tmp_path / "a.txt", "-o", tmp_path / "out.html"])
    assert (result.exit_code, "stopped; no report is written" in result.stderr) == (130, True)
    assert not (tmp_path / "out.html").exists()


def test_a_report_loads_nothing_that_trains() -> None:
    code = "import sys, tagger.pages, tagger.cli.report\nprint(sorted({'sklearn', 'scipy', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_chunks_of_any_size_make_the_same_page(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"text": "{FRUIT}"}}\n' * 50, encoding="utf-8")
    pages = []
    for options in (RunOptions(jobs=1), RunOptions(jobs=1, chunk_bytes=200)):
        write_report([str(tmp_path / "in.jsonl")], tmp_path / "out.html", model=model, options=options)
        pages.append((tmp_path / "out.html").read_bytes())
    assert pages[0] == pages[1]

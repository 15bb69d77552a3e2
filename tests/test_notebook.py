"""What articles, explanations, taggers and evaluations show of themselves in a REPL and in a notebook."""

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import evaluate_tagger
from tagger.evaluation.report import Estimate
from tagger.notebook import Bar, show_table, show_tags


class Cells(HTMLParser):
    """The texts of the cells of a table, and every tag that there is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.add(tag)
        if tag in ("tr", "caption"):
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1] += data


def cells(value: object) -> list[list[str]]:
    return Cells(value._repr_html_()).rows  # type: ignore[attr-defined]


def test_an_article_is_a_line_in_a_repl(shipped: tagger.Tagger, seed_texts: list[str]) -> None:
    article = shipped.tag(seed_texts[4])
    assert repr(article) == "Article('政务服务' 99%, '反诈' 99%, '执法办案' 99%; 34 paragraphs, 27 with topics)"
    assert repr(article.paragraphs[7]) == "TaggedParagraph('物联网治安管控全国示范', '执法办案' 94%)"
    assert repr(article.paragraphs[2]) == "TaggedParagraph('潘林昶 摄', furniture)"
    assert repr(shipped.tag("")) == "Article(no topic; 0 paragraphs, 0 with topics)"


def test_a_repl_is_not_steered_by_what_it_shows(tiny: tagger.Tagger) -> None:
    (paragraph,) = tiny.tag("苹果\u202e\x9b31m").paragraphs
    assert "\\u202e" in repr(paragraph)
    assert repr(paragraph).isprintable()


def test_an_explanation_is_a_line_in_a_repl(tiny: tagger.Tagger) -> None:
    fruit = next(e for e in tiny.explain("苹果") if e.topic == "fruit")
    assert repr(fruit).startswith(f"Explanation('fruit' probability {fruit.probability:.3f}, threshold ")
    assert repr(fruit).count(";") == 1
    assert repr(tiny.explain("")[0]).endswith("; no feature)")


def test_an_article_shows_each_paragraph_with_its_topics_in_a_notebook(tiny: tagger.Tagger) -> None:
    article = tiny.tag("苹果和香蕉都熟了。\n\n编辑:某某\n\n下雨了")
    caption, head, *rows = cells(article)
    assert caption[0].startswith("fruit ")
    assert head == ["¶", "topics", "paragraph"]
    assert [row[2] for row in rows] == ["苹果和香蕉都熟了。", "编辑:某某", "下雨了"]
    assert rows[0][1] == f"fruit {int(100 * article.paragraphs[0].topics[0].probability)}%"
    assert article._repr_html_().count("opacity:.6") == 4  # three numbers, one furniture
    assert cells(tiny.tag(""))[0] == ["no topic"]


def test_a_long_article_is_cut_in_a_notebook(tiny: tagger.Tagger) -> None:
    article = tiny.tag("\n\n".join(["苹果" + "熟" * 3000 + "。"] + ["下雨了。"] * 119))
    rows = cells(article)
    assert len(rows) == 2 + 100 + 1
    assert rows[-1][2] == "20 more paragraphs"
    assert len(rows[2][2]) == 2001


def test_an_explanation_shows_contributions_that_add_up_in_a_notebook(shipped: tagger.Tagger) -> None:
    explanation = shipped.explain("民警在银行柜台劝住了正要给“客服”转账的老人。")[0]
    caption, _, *rows = cells(explanation)
    assert caption[0].startswith("反诈 anti_fraud: probability ")
    assert [row[-1] for row in rows[-3:]] == [f"{len(explanation.contributions) - 12} more features", "bias", "score"]
    assert sum(float(row[0]) for row in rows[:-1]) == pytest.approx(float(rows[-1][0]), abs=0.01)
    few = replace(explanation, contributions=explanation.contributions[:2])
    assert len(cells(few)) == 2 + 2 + 2
    assert len(cells(replace(explanation, contributions=()))) == 2 + 2


def test_a_tagger_shows_its_topics_in_a_notebook(shipped: tagger.Tagger, tiny: tagger.Tagger) -> None:
    assert [row[:2] for row in cells(shipped)[2:]] == [[shipped.titles[name], name] for name in shipped.topics]
    assert float(cells(shipped)[2][3]) > 0.5
    assert [row[3] for row in cells(tiny)[2:]] == ["–", "–"]


def test_an_evaluation_shows_its_measures(tiny: tagger.Tagger, tiny_labels: Path) -> None:
    report = evaluate_tagger(tiny, read_dataset(tiny_labels))
    assert repr(report).startswith(f"Report({report.method}: macro-F1 ")
    assert "\n" not in repr(report)
    caption, head, *rows = cells(report)
    assert report.signature in caption[0]
    assert head[-1] == "F1"
    assert [row[0] for row in rows] == ["fruit", "train", "macro", "micro"]
    assert "–" in rows[0][-1]
    unknown = replace(report.micro, f1=Estimate(None, None, None), recall=Estimate(0.5, None, None))
    assert cells(replace(report, micro=unknown))[-1][-2:] == ["0.50", "–"]


def test_nothing_that_is_shown_is_markup(tiny: tagger.Tagger) -> None:
    (paragraph,) = tiny.tag("苹果").paragraphs
    hostile = replace(paragraph, text="<script>alert(1)</script>\udc80")
    article = replace(tiny.tag("苹果"), paragraphs=(hostile,))
    assert Cells(article._repr_html_()).tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert cells(article)[-1][-1] == "<script>alert(1)</script>?"
    article._repr_html_().encode("utf-8")
    assert "width:6.00em" in show_table("", [""], [[Bar(7)]])


def test_many_topics_are_cut_to_a_line() -> None:
    assert show_tags([("甲", 0.5)] * 7) == ", ".join(["'甲' 50%"] * 5) + ", 2 more"


def test_showing_needs_no_template_engine() -> None:
    code = (
        "import sys\nsys.modules['jinja2'] = None\nimport tagger\nmodel = tagger.load()\n"
        "print(len(model.tag('民警抓获嫌疑人。')._repr_html_()) > 100, len(model._repr_html_()) > 100)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"

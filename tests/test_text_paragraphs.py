import csv
import json
import time
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import hard_markup, hard_text

from tagger.text import normalise, read_text, split_paragraphs

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "paragraphs.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_an_article_is_split_as_a_reader_would(case: dict[str, object]) -> None:
    assert [p.text for p in split_paragraphs(str(case["text"]))] == case["paragraphs"]


def test_the_seed_articles_have_the_paragraphs_that_were_labelled(seed_texts: list[str]) -> None:
    assert [len(split_paragraphs(text)) for text in seed_texts] == [43, 20, 24, 38, 34]


def test_a_rejoined_paragraph_keeps_both_pieces_and_the_offsets_of_the_whole() -> None:
    text = "标题\n采取专项打、专案打,对电\n\n诈犯罪发起攻势。\n"
    paragraph = split_paragraphs(text)[1]
    assert text[paragraph.start : paragraph.end] == "采取专项打、专案打,对电\n\n诈犯罪发起攻势。"
    assert [text[start:end] for start, end in paragraph.pieces] == ["采取专项打、专案打,对电", "诈犯罪发起攻势。"]
    assert paragraph.text == "采取专项打、专案打,对电诈犯罪发起攻势。"


@given(hard_text)
def test_offsets_hold_all_that_can_be_seen_once_and_in_order(text: str) -> None:
    paragraphs = split_paragraphs(text)
    pieces = [piece for p in paragraphs for piece in p.pieces]
    assert pieces == sorted(pieces)
    seen = "".join(text[start:end] for start, end in pieces)
    for p in paragraphs:
        assert p.text.strip()
        assert (p.start, p.end) == (p.pieces[0][0], p.pieces[-1][1])
        assert p.text.replace(" ", "") == "".join(text[s:e] for s, e in p.pieces).replace(" ", "")
    assert visible(seen) == visible(text)


def visible(text: str) -> int:
    """Count letters and digits; some that Unicode calls letters are drawn as nothing."""
    return sum(character.isalnum() and normalise(character).strip() != "" for character in text)


@pytest.mark.full
def test_a_very_long_paragraph_of_broken_lines_takes_linear_time() -> None:
    def seconds(lines: int) -> float:
        start = time.perf_counter()
        assert len(split_paragraphs("民警走进社区开展宣传,\n" * lines)) == 1
        return time.perf_counter() - start

    # Quadratic time would make it sixteen times as long; noise stays far below that.
    assert min(seconds(80_000) for _ in range(3)) < 10 * min(seconds(20_000) for _ in range(3))


def wrapped(text: str, width: int, *, columns: bool) -> str:
    """Break a text at a width, as pages do (in columns) or programs (in characters); closing punctuation hangs over."""
    lines = [""]
    for character in text:
        taken = sum(2 if columns and c > "\u00ff" else 1 for c in lines[-1] + character)
        if taken > width and character not in "，。、；：？！,.;:?!”）)%":
            lines.append("")
        lines[-1] += character
    return "\n".join(lines)


@pytest.mark.parametrize(("width", "columns"), [(60, True), (72, True), (80, True), (30, False), (38, False)])
@pytest.mark.parametrize(("indent", "between"), [("　　", ""), ("", "\n"), ("  ", "")])
def test_hard_wrapped_articles_come_back(
    seed_texts: list[str], width: int, columns: bool, indent: str, between: str
) -> None:
    # A paragraph is lost only where a sentence of its own ends at the margin, or another paragraph does.
    found = total = 0
    for text in seed_texts:
        paragraphs = [p.text for p in split_paragraphs(text) if p.text[-1] in "。？！?!”"]
        page = "\n".join(wrapped(indent + p, width, columns=columns) + between for p in paragraphs)
        again = {p.text for p in split_paragraphs(page)}
        found += sum(p in again for p in paragraphs)
        total += len(paragraphs)
    assert found >= 0.88 * total


@given(st.one_of(hard_text, hard_markup))
def test_every_character_has_its_place_whatever_the_text_holds(text: str) -> None:
    end = 0
    for p in split_paragraphs(text):
        assert end <= p.start
        assert p.start < p.end <= len(text)
        assert p.pieces[0][0] == p.start
        assert p.pieces[-1][1] <= p.end
        assert all(start < stop for start, stop in p.pieces)
        assert all(before[1] <= after[0] for before, after in pairwise(p.pieces))
        assert p.text.strip()
        end = p.end
        at = 0
        for number, (start, stop) in enumerate(p.pieces):
            at += number > 0 and p.text[at] == " "
            part = p.text[at : at + stop - start]
            assert part[0] != " "
            assert part == text[start:stop] or text[start] == "&"
            at += stop - start
        assert at == len(p.text)


def test_a_character_reference_is_a_piece_of_its_own_at_its_place() -> None:
    text = "<p>&ldquo;反<b>诈</b>&rdquo;</p>"
    (paragraph,) = split_paragraphs(text)
    assert paragraph.text == "“反诈”"
    assert text[paragraph.start : paragraph.end] == "&ldquo;反<b>诈</b>&rdquo;"
    assert [text[start:end] for start, end in paragraph.pieces] == ["&", "反", "诈", "&"]


@pytest.mark.full
@pytest.mark.parametrize(
    "hostile",
    [
        "<",
        "<p",
        "<p ",
        "<p a=",
        '<p a="',
        "<p a='<p a=\"",
        '<p a="" ',
        "<!--",
        "<!doctype ",
        "<![CDATA[",
        "<script>",
        "</p",
        "<b>",
        "&amp;",
        "&",
        "&#",
        "<p>\n",
        "<p>　",
        "<td>。",
        "\r",
        "\u2029",
        "。　　",
        "　",
        "- 1 -\n",
        "【编辑:",
        "，\n",
        "甲，\n",
    ],
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    text = "民警。" + hostile * (1_000_000 // len(hostile)) + "群众。"
    start = time.perf_counter()
    split_paragraphs(text)
    # Half a second to three here; quadratic time would be hours.
    assert time.perf_counter() - start < 30


def test_furniture_is_marked_and_kept() -> None:
    text = "2024-03-01 09:30 来源:平安某地\n民警走进社区。【编辑:某某】"
    assert [(p.text, p.furniture) for p in split_paragraphs(text)] == [
        ("2024-03-01 09:30 来源:平安某地", True),
        ("民警走进社区。", False),
        ("【编辑:某某】", True),
    ]


# A line of buttons stands behind the last sentence, after two wide spaces: now it is a paragraph of its own.
RESPLIT = "authored/national_pressconf_2024_migration.txt"


def test_the_labelled_articles_keep_their_paragraphs(root: Path) -> None:
    with (root / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["document"] != RESPLIT]
    for document, labelled in groupby(rows, key=lambda row: row["document"]):
        assert [p.text for p in split_paragraphs(read_text(root / "seeds" / document))] == [r["text"] for r in labelled]


@pytest.mark.parametrize("width", [16, 20, 25, 30, 40])
@pytest.mark.parametrize(("indent", "between"), [("　　", ""), ("", "\n"), ("　　", "\n")])
def test_columns_as_narrow_as_of_newspapers_come_back(
    seed_texts: list[str], width: int, indent: str, between: str
) -> None:
    found = total = 0
    for text in seed_texts:
        paragraphs = [p.text for p in split_paragraphs(text) if len(p.text) >= 40 and p.text[-1] in "。？！?!”"]
        page = "\n".join(wrapped(indent + p, 2 * width, columns=True) + between for p in paragraphs)
        again = {p.text for p in split_paragraphs(page)}
        found += sum(p in again for p in paragraphs)
        total += len(paragraphs)
    assert found >= 0.94 * total


def test_buttons_behind_the_last_sentence_are_furniture(root: Path) -> None:
    *_, sentence, buttons = split_paragraphs(read_text(root / "seeds" / RESPLIT))
    assert (sentence.text, sentence.furniture) == ("问答实录见本网专题。", False)
    assert (buttons.text, buttons.furniture) == ("纠错　｜　举报　｜　字号：+ -", True)


@pytest.mark.parametrize("page", ["<!-- 甲 <!-- 乙", "<script>甲<script>乙", "<!doctype 甲<!doctype 乙"])
def test_what_nothing_ends_is_not_looked_for_twice(page: str) -> None:
    assert "甲" in split_paragraphs(page)[0].text


def test_no_tag_has_more_quoted_values_than_a_page_would_write() -> None:
    assert split_paragraphs("<p" + " a='b'" * 63 + ">民警")[0].text == "民警"
    assert split_paragraphs("<p" + " a='b'" * 64 + ">民警")[0].text.startswith("<p a='b'")


def test_a_reference_to_nothing_is_nothing() -> None:
    assert [p.text for p in split_paragraphs("<p>反&#1;诈</p>")] == ["反诈"]

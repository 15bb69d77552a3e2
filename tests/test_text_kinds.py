"""Texts as scanners, subtitles, menus and official accounts leave them: their paragraphs, and places in the source."""

import pytest

from tagger.records import Paragraph
from tagger.text import split_paragraphs

SENTENCE = "8月3日，民警在银行柜台劝住了正要汇款的老人。"


def read_again(paragraph: Paragraph, source: str) -> str:
    return "".join(source[start:end] for start, end in paragraph.pieces)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        (" ".join(SENTENCE), [SENTENCE]),
        ("  ".join(SENTENCE) + "\n" + " ".join(SENTENCE), [SENTENCE, SENTENCE]),
        (f"<p>{' '.join(SENTENCE)}</p>", [SENTENCE]),
        (f"<p>{'&nbsp; '.join(SENTENCE)}</p>", [SENTENCE]),
        ("民 警 用 APP Store 劝 住 了 正 要 汇 款 的 人 。", ["民警用APP Store劝住了正要汇款的人。"]),
        ("用 手 机 扫 码 就 能 办 APP\nStore 里 也 可 以 下 载 ， 不 用 跑 腿 。", None),
    ],
)
def test_characters_that_stand_apart_are_closed_up(text: str, closed: list[str] | None) -> None:
    paragraphs = split_paragraphs(text)
    if closed is not None:
        assert [paragraph.text for paragraph in paragraphs] == closed
    for paragraph in paragraphs:
        assert read_again(paragraph, text).replace(" ", "") == paragraph.text.replace(" ", "")


def test_lines_that_were_rejoined_are_closed_up_too() -> None:
    lines = ["用 手 机 ， 扫 码 下 载 APP", "Store 里 的 程 序 ， 就 可 以 办 理 。"]
    (paragraph,) = split_paragraphs("<p>" + "\n".join(lines) + "</p>")
    assert paragraph.text == "用手机，扫码下载APP Store里的程序，就可以办理。"


@pytest.mark.parametrize(
    "text",
    [
        "张三 李四 王五 赵六 钱七 孙八 周九 吴十 郑一 冯二",
        "甲 乙 丙 丁",
        "a b c d e f g h i j k l",
        "大 中 小 民警 在 银行 柜台 劝住 了 老人 汇款 吗",
    ],
)
def test_words_that_stand_apart_stay_so(text: str) -> None:
    assert [paragraph.text for paragraph in split_paragraphs(text)] == [text]


def test_subtitles_do_not_run_into_their_times() -> None:
    cues = ["民警说“不要汇款", "”。老人听了劝"]
    text = "\n\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},500\n{cue}" for n, cue in enumerate(cues, start=1))
    paragraphs = split_paragraphs(text)
    assert [paragraph.text for paragraph in paragraphs if not paragraph.furniture] == cues


def test_a_menu_is_furniture() -> None:
    menu = "首页\n要闻\n政务公开\n办事服务\n互动交流\n"
    found = {paragraph.text: paragraph.furniture for paragraph in split_paragraphs(f"{menu}{SENTENCE}\n办事服务\n")}
    assert found == dict.fromkeys(menu.split(), True) | {SENTENCE: False, "办事服务": False}
    # Some headings below one another are no menu.
    for text in ("反诈\n治安\n交通\n服务\n翻页\n", "首页\n办事服务\n第1条\n第2条\n"):
        assert not split_paragraphs(text)[1].furniture


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ('<p>民警</p><mp-common-profile data-nickname="平安"></mp-common-profile>', ["民警"]),
        ('<p>民警<mpvoice name="录音"></mpvoice>劝阻</p>', ["民警劝阻"]),
        ("<p>民警<my-tag>劝阻</my-tag></p>", ["民警劝阻"]),
        ("<p>a<b-c >d 民警<x-y></p>", ["a<b-c >d 民警<x-y>"]),
    ],
)
def test_tags_of_a_page_of_its_own_are_not_seen(markup: str, seen: list[str]) -> None:
    assert [paragraph.text for paragraph in split_paragraphs(markup)] == seen

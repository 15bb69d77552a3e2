"""Lines on a terminal: Chinese is broken between characters, English between words, and no line is too wide."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tagger.cli.wrapping import print_wrapped, wrapped

TEXTS = st.text(st.sampled_from("一个主题的精确率，。：“”（）《》…AP F1 (0.71–0.93) 95% --json"), max_size=120)
SENTENCES = st.lists(st.text("abcde.,-", min_size=1, max_size=9), max_size=30).map(" ".join)


def lines(text: str, width: int) -> list[str]:
    return [line.plain for line in wrapped(Text(text), width)]


def test_a_mark_stays_with_its_character_and_a_number_with_its_sign() -> None:
    text = "校准：概率在“九成”的主题，实际对了（95% 区间）多少。"
    assert lines(text, 22) == ["校准：概率在“九成”的主", "题，实际对了（95% 区", "间）多少。"]
    assert lines("F1：精确率和召回率", 9) == ["F1：精确", "率和召回", "率"]


def test_what_cannot_be_broken_is_cut() -> None:
    assert lines("see resamples", 5) == ["see", "resam", "ples"]


@given(TEXTS, st.integers(4, 80))
def test_no_line_is_wider_than_asked_for_and_nothing_is_lost(text: str, width: int) -> None:
    found = lines(text, width)
    assert all(cell_len(line) <= width for line in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(SENTENCES, st.integers(10, 80))
def test_english_is_broken_as_it_was(text: str, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    assert lines(text, width) == [line.plain.rstrip() for line in Text(text).wrap(console, width)]


def test_a_style_goes_over_the_break_and_lines_are_indented() -> None:
    file = io.StringIO()
    console = Console(width=12, file=file, force_terminal=True, color_system="standard")
    print_wrapped(console, Text.assemble(("精确率和召回率", "bold"), "：对的"), indent=2)
    assert file.getvalue() == "  \x1b[1m精确率和召\x1b[0m\n  \x1b[1m回率\x1b[0m：对的\n"

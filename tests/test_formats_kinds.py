"""What files are under names that tell otherwise, and what is written in text without being text."""

import base64
from pathlib import Path

import openpyxl
import pytest

from tagger.batch import RunOptions, tag_files
from tagger.dataset import read_dataset
from tagger.errors import DataError
from tagger.formats import FileOptions, Record, open_source
from tagger.formats.delimited import find_long_delimiter, name_columns

ROWS = [["苹果甜又脆", "水果"], ["列车进站了", "交通"], ["梨子大又圆", "水果"], ["火车跑得快", "交通"]]
MAIL = "From: a@example.com\r\nSubject: news\r\n\tof today\r\n{}Content-Transfer-Encoding: {}\r\n\r\n{}\r\n"


def records(path: Path, *, articles: bool = False) -> list[dict[str, object]]:
    with open_source(str(path), FileOptions(), articles=articles) as source:
        return [record.fields for record in source.records if isinstance(record, Record)]


@pytest.mark.parametrize("articles", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.rtf", r"{\rtf1\ansi\ansicpg936 \'b3\'c7}", "is a document of RTF: save its text as .txt"),
        ("a.eml", MAIL.format("", "base64", base64.b64encode("苹果".encode()).decode()), "whose text is encoded"),
        ("a.mht", MAIL.format("MIME-Version: 1.0\r\n", "Quoted-Printable", "=E8=AD=A6"), "whose text is encoded"),
        (
            "a.xls",
            "\ufeff<html><table><tr><td>正文</td></tr></table></html>",
            "a page of HTML under the name of a work",
        ),
        (
            "a.txt",
            "{'text': '苹果', 'label': '水果'}\n{'text': '火车', 'label': '交通'}\n",
            "as Python prints its objects",
        ),
    ],
)
def test_what_is_no_text_though_it_is_written_in_it(
    tmp_path: Path, name: str, content: str, said: str, *, articles: bool
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    with pytest.raises(DataError, match=said):
        records(path, articles=articles)


def test_a_mail_that_can_be_read_is_read(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.eml").write_text(MAIL.format("", "8bit", "苹果很甜"), encoding="utf-8")
    (tmp_path / "b.txt").write_text("{'苹果'很甜}\n", encoding="utf-8")
    names = [str(tmp_path / "a.eml"), str(tmp_path / "b.txt")]
    summary = tag_files(names, tmp_path / "o.jsonl", model=model, options=RunOptions(jobs=1))
    assert summary.counts.tagged == 2


def test_a_table_under_the_name_of_a_workbook_is_one_of_articles_too(tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_bytes("标题\t正文\n消息\t苹果\n消息\t火车\n".encode("gb18030"))
    assert [fields["正文"] for fields in records(path, articles=True)] == ["苹果", "火车"]


def test_several_signs_between_cells_are_told(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text("".join(f"{n}_!_{topic}_!_{text}，好_!_\n" for n, (text, topic) in enumerate(ROWS)), "utf-8")
    with pytest.raises(DataError, match="has '_!_' between its cells: put one sign in its place, such as a tab"):
        records(path)
    assert find_long_delimiter("") is None
    assert find_long_delimiter("text,label\n苹果###,水果\n火车###,交通\n") is None
    assert find_long_delimiter("###苹果\t水果\n###火车\t交通\n") is None
    assert find_long_delimiter("苹果###水果\n火车###交通\n") == "###"
    assert find_long_delimiter("苹果###水果\n火车\n站###交通\n") is None


@pytest.mark.parametrize(
    ("rows", "names", "place"),
    [
        ([["0", "1"], *ROWS], ("0", "1"), 0),
        ([["", "0", "1"], *([str(n), *row] for n, row in enumerate(ROWS))], ("column 1", "0", "1"), 0),
        ([["0", "1"], ["3", "4"], ["5", "6"]], ("1", "2"), None),
        ([["0", "1"]], ("1", "2"), None),
        ([["", "主题", ""], ["编号", "正文", "类别"], *([str(n), *row] for n, row in enumerate(ROWS))],
         ("编号", "正文", "类别"), 1),
        ([["正文", "主题", ""], ["编号", "正文", "类别"]], ("正文", "主题", "column 3"), 0),
    ],
)  # fmt: skip
def test_headers_that_programs_and_people_write(
    rows: list[list[str]], names: tuple[str, ...], place: int | None
) -> None:
    assert name_columns(rows, ()) == (names, place)


@pytest.mark.parametrize("sign", [",", "，", ":"])
def test_what_parts_labels_of_fasttext_from_their_text(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "train.txt"
    path.write_text("".join(f"__label__{topic} {sign} {text}\n" for text, topic in ROWS), "utf-8")
    assert [fields["text"] for fields in records(path)] == [text for text, _ in ROWS]
    path.write_text("".join(f"{sign} {text} __label__{topic}\n" for text, topic in ROWS), "utf-8")
    assert records(path)[0]["text"] == f"{sign}{ROWS[0][0]}"


def test_a_refused_sheet_names_the_others(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("数据").append(["正文", "类别"])
    for rules in ([], ["标注说明"], ["每条只标一个类别"], ["拿不准的不标"]):
        book.active.append(rules)
        book.save(tmp_path / "book.xlsx")
        with pytest.raises(DataError, match="sheets that are not read: 数据; --sheet takes another"):
            read_dataset(tmp_path / "book.xlsx")

import io
from pathlib import Path

import pytest

from tagger.errors import DataError, DecodeError
from tagger.text import check_text, decode, read_text
from tagger.text.decoding import Errors, find_encoding, open_text

TEXT = "反诈中心接到报警:\n123 起。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_each_encoding_that_chinese_comes_in_is_read(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_big_endian_utf16_with_a_mark_is_read() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


def test_ascii_in_utf16_without_a_mark_is_not_taken_for_utf8_full_of_nuls() -> None:
    assert decode("plain words".encode("utf-16-le")) == "plain words"


def test_the_seeds_are_read_from_utf16_without_a_mark(seed_texts: list[str]) -> None:
    for text in seed_texts:
        for encoding in ("utf-16-le", "utf-16-be", "utf-32", "gb18030"):
            assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", ["粒子α与β的衰变", "俄罗斯Москва市警方", "日本语のかな也在其中"])
def test_other_scripts_in_gb18030_are_read(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


def test_the_offset_counts_the_mark() -> None:
    with pytest.raises(DecodeError, match="byte 0xff at offset 9, line 1, is not UTF-8") as caught:
        decode(b"\xef\xbb\xbf" + "反诈".encode() + b"\xff")
    assert caught.value.offset == 9


def test_a_stray_nul_stays_in_utf8_text() -> None:
    assert decode("反诈\0中心abc".encode()) == "反诈\0中心abc"


def test_no_bytes_are_no_text() -> None:
    assert decode(b"") == ""


def test_a_named_encoding_is_taken_at_its_word() -> None:
    assert decode("詐騙".encode("big5"), encoding="big5") == "詐騙"


def test_broken_utf8_is_an_error_and_not_read_as_gb18030() -> None:
    data = ("反诈中心" * 20).encode()
    with pytest.raises(DecodeError) as caught:
        decode(data[:61] + data[62:], source="news.txt")
    assert caught.value.offset == 60
    assert str(caught.value) == (
        "news.txt: byte 0xe5 at offset 60, line 1, is not UTF-8; "
        "name the file's encoding (encoding='big5', --encoding big5), save it as UTF-8, "
        "or give --encoding-errors replace to put U+FFFD there"
    )


def test_bytes_of_no_encoding_are_an_error_with_their_offset() -> None:
    with pytest.raises(DecodeError, match=r"photo\.jpg: byte 0xff at offset 0, line 1, is not GB18030") as caught:
        decode(b"\xff\xd8\xff\xe0 JFIF", source="photo.jpg")
    assert caught.value.offset == 0


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("警方提醒民眾，接到自稱客服的電話要求轉帳，請先掛斷，再撥打專線查證，以免受騙。", "big5"),
        ("街坊說這裏的粧容店恒常九折，收費由€5起，還有碁盤出售。", "cp950"),
        ("佢哋喺茶餐廳傾偈，話嗰間舖頭啲嘢好食，唔該埋單。", "big5hkscs"),
    ],
)
def test_big5_is_told_from_gb18030_as_windows_and_hong_kong_write_it(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert decode(data) == text
    assert find_encoding(data) in ("cp950", "big5hkscs")


@pytest.mark.parametrize("text", ["臺灣偵破詐騙，醫師呼籲民眾提高警覺。", "圍棋與橋牌比賽在體育館舉行，觀眾很多。"])
def test_traditional_characters_in_gb18030_are_not_taken_for_big5(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize("encoding", [None, "gb18030", "gbk", "GB2312", "cp936"])
def test_the_euro_sign_of_chinese_windows_is_read(encoding: str | None) -> None:
    assert decode("苹果卖".encode("gb18030") + b"\x80" + "5一斤".encode("gb18030"), encoding=encoding) == "苹果卖€5一斤"


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("苹果很甜苹果很甜".encode() + b"\xff" + "火车".encode(), None, "苹果很甜苹果很甜\ufffd火车"),
        ("苹果".encode("gb18030") + b"\x80\xff" + "火车".encode("gb18030"), "gb18030", "苹果€\ufffd火车"),
        ("苹果".encode("gb18030") + b"\xff\xff" + "火车".encode("gb18030"), None, "苹果\ufffd\ufffd火车"),
        ("\ufeff苹果".encode("utf-16-le") + b"\x00", None, "苹果\ufffd"),
    ],
)
def test_bytes_that_are_no_text_may_be_replaced(data: bytes, encoding: str | None, text: str) -> None:
    with pytest.raises(DecodeError):
        decode(data, encoding=encoding)
    assert decode(data, encoding=encoding, errors="replace") == text


def test_the_line_of_a_bad_byte_is_told() -> None:
    with pytest.raises(DecodeError, match="offset 26, line 3, is not UTF-8"):
        decode("一二三四\n五六七八\n".encode() + b"\xff")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp950"])
@pytest.mark.parametrize("spare", range(4))
def test_the_beginning_of_more_may_end_inside_a_character(encoding: str, spare: int) -> None:
    data = ("警方提醒民眾不要轉帳給陌生人" * 8).encode(encoding)
    assert find_encoding(data[: len(data) - spare], cut=True) == encoding


def test_ascii_in_utf16_is_known_from_a_beginning_of_odd_length() -> None:
    assert find_encoding("plain words".encode("utf-16-be")[:-1], cut=True) == "utf-16-be"


def opened(data: bytes, encoding: str, errors: Errors = "strict") -> str:
    return open_text(io.BufferedReader(io.BytesIO(data)), encoding, errors, source="a.csv").read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "cp950"])
def test_text_is_opened_in_the_encoding_that_was_found(encoding: str) -> None:
    text = "警方提醒民眾\r\n不要轉帳\n"
    data = text.encode(encoding)
    assert opened(data, find_encoding(data)) == text
    assert opened(data, encoding) == text


def test_bytes_that_are_no_text_are_kept_apart_or_replaced_where_text_is_opened() -> None:
    assert opened(b"a\xff", "utf-8") == "a\udcff"
    assert opened(b"a\xff", "utf-8", "replace") == "a\ufffd"
    assert opened(b"a\x80\xff\xa3\xa1", "gb18030") == "a€\udcff！"
    assert opened(b"a\x80\xff\xa3\xa1", "gbk", "replace") == "a€\ufffd！"


@pytest.mark.parametrize("name", ["gb9", "a\0b"])
def test_text_is_not_opened_in_an_encoding_that_does_not_exist(name: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv: unknown encoding"):
        opened(b"x", name)


def test_half_a_character_of_utf16_is_an_error() -> None:
    with pytest.raises(DecodeError, match="offset 4, line 1, is not UTF-16-LE"):
        decode("\ufeff反".encode("utf-16-le") + b"\x00")


def test_an_encoding_that_does_not_exist_is_named() -> None:
    for name in ("gb9", "a\0b"):
        with pytest.raises(DataError, match="unknown encoding"):
            decode(b"x", encoding=name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: cannot be read: No such file"):
        read_text(tmp_path / "none.txt")


def test_a_file_is_named_in_the_error_about_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(b"\xff\xff")
    with pytest.raises(DecodeError, match=r"bad\.txt: byte 0xff at offset 0"):
        read_text(path)


NO_TEXT = [bytes(4000), bytes(3000) + "反诈".encode(), bytes([1, 2, 7, 15, 127]) * 200, TEXT.encode("utf-32-le")]


@pytest.mark.parametrize("data", NO_TEXT)
def test_control_characters_are_no_text(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.txt: is no text: .* such as NUL; restore the file, or name its encoding"):
        read_text(file)


def test_text_may_have_some_of_them(seed_texts: list[str]) -> None:
    for text in [*seed_texts, "", "反\0诈", "\x1b[31m红\x1b[0m", "plain words"]:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32", "gb18030"):
            check_text(text.encode(encoding), source="a", encoding=encoding)
            check_text(text.encode(encoding), source="a")
    check_text(TEXT.encode("utf-32-le"), source="a", encoding="utf-32-le")


def test_few_characters_of_gb18030_are_not_taken_for_spoilt_utf8() -> None:
    text = "值班民警查处职业学校一处赌博窝点，收缴赌资八千元。"
    assert decode(text.encode("gb18030")) == text
    assert find_encoding(text.encode()[:-1]) == "utf-8"
    assert find_encoding(text.encode()[1:]) == "utf-8"

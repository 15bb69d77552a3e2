from pathlib import Path

import pytest

from tagger.errors import DataError, DecodeError
from tagger.text import decode, read_text

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
    with pytest.raises(DecodeError, match="byte 0xff at offset 9 is not UTF-8") as caught:
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
        "news.txt: byte 0xe5 at offset 60 is not UTF-8; "
        "name the file's encoding (encoding='big5', --encoding big5) or save it as UTF-8"
    )


def test_bytes_of_no_encoding_are_an_error_with_their_offset() -> None:
    with pytest.raises(DecodeError, match=r"photo\.jpg: byte 0xff at offset 0 is not GB18030") as caught:
        decode(b"\xff\xd8\xff\xe0 JFIF", source="photo.jpg")
    assert caught.value.offset == 0


def test_big5_is_not_read_as_gb18030() -> None:
    text = "警方提醒民眾，接到自稱客服的電話要求轉帳，請先掛斷，再撥打專線查證，以免受騙。" * 3
    with pytest.raises(DecodeError, match="encoding='big5'"):
        decode(text.encode("big5"))


def test_half_a_character_of_utf16_is_an_error() -> None:
    with pytest.raises(DecodeError, match="offset 4 is not UTF-16-LE"):
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

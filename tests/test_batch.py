import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import hard_text

import tagger
from tagger.batch import Rejected, Tagged, tag_lines


def test_each_record_keeps_its_fields_and_gains_its_topics(tiny: tagger.Tagger) -> None:
    lines = ['{"id": 7, "text": "苹果和香蕉"}\n'.encode(), b"\n", '{"text": "下雨\u2028了"}'.encode()]
    first, second = tag_lines(lines, tagger=tiny)
    assert isinstance(first, Tagged)
    assert list(first.gained) == ["topics", "titles", "probabilities"]
    assert (first.line, first.record["id"], first.gained["topics"]) == (1, 7, ["fruit"])
    assert isinstance(second, Tagged)
    assert (second.line, second.gained["topics"]) == (3, [])


def test_paragraphs_come_on_request(tiny: tagger.Tagger) -> None:
    (item,) = tag_lines([orjson.dumps({"text": "苹果\n火车"})], tagger=tiny, paragraphs=True)
    assert isinstance(item, Tagged)
    assert [(p["start"], p["end"], p["text"]) for p in item.gained["paragraphs"]] == [(0, 2, "苹果"), (3, 5, "火车")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON: "),
        (b"[1]", "no JSON object"),
        (b'{"text": NaN}', "no JSON: "),
        (b'{"text": "\\ud800"}', "no JSON: "),
        (b'{"text": "\xff"}', "no JSON: "),
        (b'{"title": "x"}', "no field 'text'; found: title"),
        (b"{}", "no field 'text'; found: none"),
        (b'{"text": null}', "field 'text' is no string"),
        (b'{"text": "x", "topics": []}', "has a field 'topics' already: give --overwrite"),
        (b"[" * 5000, "no JSON: "),
    ],
)
def test_a_line_that_cannot_be_tagged_is_kept_with_its_reason(tiny: tagger.Tagger, line: bytes, reason: str) -> None:
    good = b'{"text": "x"}'
    first, bad, last = tag_lines([good, line, good], tagger=tiny)
    assert isinstance(bad, Rejected)
    assert (bad.line, bad.raw) == (2, line)
    assert bad.reason.startswith(reason)
    assert (first.line, last.line) == (1, 3)


def test_fields_are_replaced_where_that_is_asked_for(tiny: tagger.Tagger) -> None:
    (item,) = tag_lines([orjson.dumps({"text": "苹果", "topics": "?"})], tagger=tiny, overwrite=True)
    assert isinstance(item, Tagged)
    assert json.loads(item.to_json())["topics"] == ["fruit"]


def test_fields_stay_as_they_stood_to_the_byte(tiny: tagger.Tagger) -> None:
    line = (
        '{ "id": 123456789012345678901234567890, "x": 1.50, "deep": ' + "[" * 300 + "]" * 300 + ', "text": "苹果" }\r\n'
    )
    (item,) = tag_lines([line.encode()], tagger=tiny)
    assert isinstance(item, Tagged)
    written = item.to_json().decode()
    assert written.startswith(line.rstrip()[:-1] + ',"topics":["fruit"],')
    assert json.loads(written)["id"] == 123456789012345678901234567890


def test_the_text_may_stand_in_another_field(tiny: tagger.Tagger) -> None:
    (item,) = tag_lines([orjson.dumps({"body": "苹果"})], tagger=tiny, text_field="body")
    assert isinstance(item, Tagged)


def test_lines_are_tagged_as_they_come(tiny: tagger.Tagger) -> None:
    line = orjson.dumps({"text": "苹果" * 1000})
    taken = []

    def endless() -> "object":
        while True:
            taken.append(1)
            yield line

    tagged = tag_lines(endless(), tagger=tiny)  # type: ignore[arg-type]
    assert isinstance(next(tagged), Tagged)
    assert len(taken) < 1000
    assert [next(tagged).line for _ in range(1000)] == list(range(2, 1002))


@given(st.lists(st.one_of(hard_text.map(lambda t: t.encode("utf-8", "replace")), st.binary(max_size=20)), max_size=10))
def test_every_line_is_accounted_for(tiny: tagger.Tagger, lines: list[bytes]) -> None:
    found = list(tag_lines(lines, tagger=tiny))
    assert [item.line for item in found] == [n for n, line in enumerate(lines, start=1) if line.strip()]


@given(text=hard_text)
def test_a_record_is_tagged_as_the_library_tags_its_text(text: str, tiny: tagger.Tagger) -> None:
    text = text.encode("utf-8", "replace").decode()
    (item,) = tag_lines([json.dumps({"text": text}).encode()], tagger=tiny)
    assert isinstance(item, Tagged)
    assert item.gained["topics"] == [tag.topic for tag in tiny.tag(text).topics]

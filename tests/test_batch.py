import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import hard_text

import tagger
from tagger.batch import Blank, Fields, Rejected, Tagged, article_fields, gained_columns, tag_lines, tag_records
from tagger.batch.record import RECORD, Column
from tagger.errors import SettingsError


def test_each_record_keeps_its_fields_and_gains_its_topics(tiny: tagger.Tagger) -> None:
    lines = ['{"id": 7, "text": "苹果和香蕉"}\n'.encode(), b"\n", '{"text": "下雨\u2028了"}'.encode()]
    first, blank, second = tag_lines(lines, tagger=tiny)
    assert isinstance(first, Tagged)
    assert list(first.gained) == ["topics", "titles", "probabilities"]
    assert (first.line, first.record["id"], first.gained["topics"]) == (1, 7, ["fruit"])
    assert blank == Blank(2)
    assert isinstance(second, Tagged)
    assert (second.line, second.gained["topics"]) == (3, [])


def test_paragraphs_come_on_request(tiny: tagger.Tagger) -> None:
    (item,) = tag_lines([orjson.dumps({"text": "苹果\n火车"})], tagger=tiny, fields=Fields(paragraphs=True))
    assert isinstance(item, Tagged)
    assert [(p["start"], p["end"], p["text"]) for p in item.gained["paragraphs"]] == [(0, 2, "苹果"), (3, 5, "火车")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON: "),
        (b"[1]", "not a JSON object"),
        (b'{"text": "x", "n": NaN}', "not JSON: it has no NaN and no infinity, at offset 19; write null"),
        (b'{"text": "x", "n": -Infinity}', "not JSON: it has no NaN and no infinity, at offset "),
        (b'{"text": "\\ud800"}', "not JSON: "),
        (b'{"text": "\xff"}', "not UTF-8: byte 0xff at offset 10"),
        (b'{"title": "x"}', "no field 'text'; found: title"),
        (b"{}", "no field 'text'; found: none"),
        (b'{"text": null}', "field 'text' is not a string"),
        (b'{"text": "x", "topics": []}', "has a field 'topics' already: give --overwrite"),
        (b"[" * 5000, "not JSON: "),
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
    (item,) = tag_lines([orjson.dumps({"text": "苹果", "topics": "?"})], tagger=tiny, fields=Fields(overwrite=True))
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
    (item,) = tag_lines([orjson.dumps({"body": "苹果"})], tagger=tiny, fields=Fields(text="body"))
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
@example([b"\xef\xbb\xbf"])
def test_every_line_is_accounted_for(tiny: tagger.Tagger, lines: list[bytes]) -> None:
    found = list(tag_lines(lines, tagger=tiny))
    assert [item.line for item in found] == list(range(1, len(lines) + 1))
    # A byte order mark belongs to the file, not to its first line.
    seen = [line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line for number, line in enumerate(lines)]
    assert [isinstance(item, Blank) for item in found] == [not line.strip() for line in seen]


@pytest.mark.parametrize(
    "fields",
    [
        Fields(),
        Fields(min_probability=0.5),
        Fields(min_probability=1.0),
        Fields(topics_only=True, min_probability=0.7),
        Fields(topics_only=True, output="tags"),
        Fields(output="tags"),
        Fields(paragraphs=True, explain=2),
    ],
)
@settings(deadline=None)
@given(texts=st.lists(hard_text, max_size=4))
def test_records_are_tagged_as_the_library_tags_their_texts(
    texts: list[str], fields: Fields, tiny: tagger.Tagger
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in [*texts, "火车上卖苹果", "苹果"]]
    items = list(tag_lines([json.dumps({"text": text}).encode() for text in texts], tagger=tiny, fields=fields))
    expected = [article_fields(tiny.tag(text), fields=fields, tagger=tiny) for text in texts]
    assert [item.gained for item in items if isinstance(item, Tagged)] == expected


def test_a_line_that_is_too_long_is_rejected_and_the_line_end_does_not_count(tiny: tagger.Tagger) -> None:
    line = b'{"text": "xxxxx"}'
    fits, too_long = tag_lines([line + b"\n", line + b" \n"], tagger=tiny, max_line_bytes=len(line))
    assert isinstance(fits, Tagged)
    assert isinstance(too_long, Rejected)
    assert (too_long.category, too_long.reason) == ("line too long", "has more than 17 bytes: see --max-line-bytes")


def test_lines_are_numbered_from_where_they_stand_and_only_the_first_of_a_file_may_have_a_mark(
    tiny: tagger.Tagger,
) -> None:
    marked = '\ufeff{"text": "苹果"}'.encode()
    first, second = tag_lines([marked, marked], tagger=tiny)
    (later,) = tag_lines([marked], tagger=tiny, first=7)
    assert (type(first), type(second), type(later), later.line) == (Tagged, Rejected, Rejected, 7)


MEMBERS = [
    b'"topics":["a",{"topics":"}"}]',
    b' "topics" : "x" ',
    b'"id": 123456789012345678901234567890',
    b'"b": 1.50',
    b'"t\\u006fpics": null',
    b'"q": "\\"topics\\": [,{\\\\"',
    b'"deep": ' + b"[" * 400 + b"]" * 400,
    b'"e": {}',
]


@given(st.lists(st.sampled_from(MEMBERS), max_size=8), st.integers(0, 8))
def test_what_is_replaced_goes_and_every_other_field_stays_to_the_byte(
    tiny: tagger.Tagger, members: list[bytes], at: int
) -> None:
    members = [*members[:at], '"text":"苹果"'.encode(), *members[at:]]
    (item,) = tag_lines([b"{" + b",".join(members) + b"}"], tagger=tiny, fields=Fields(overwrite=True))
    assert isinstance(item, Tagged)
    kept = [member for member in members if orjson.loads(b"{" + member + b"}").keys() != {"topics"}]
    if len(kept) < len(members):
        assert item.to_json().startswith(b"{" + b",".join(kept) + b',"topics":["fruit"],')
    else:
        assert item.to_json().startswith(item.raw[:-1] + b',"topics":["fruit"],')


def gained(tiny: tagger.Tagger, record: dict[str, object], **fields: object) -> dict[str, Any]:
    (found,) = tag_records([record], tagger=tiny, fields=Fields(**fields))  # type: ignore[arg-type]
    return found


def test_all_that_is_gained_may_stand_in_one_field(tiny: tagger.Tagger) -> None:
    beside = gained(tiny, {"text": "苹果"}, paragraphs=True)
    assert gained(tiny, {"text": "苹果"}, paragraphs=True, output="tags") == {"tags": beside}
    assert gained(tiny, {"text": "苹果"}, topics_only=True) == {"topics": ["fruit"]}
    assert gained(tiny, {"text": "苹果"}, topics_only=True, output="labels") == {"labels": ["fruit"]}


def test_a_field_that_is_taken_is_named(tiny: tagger.Tagger) -> None:
    (taken,) = tag_lines([b'{"text": "x", "tags": 1}'], tagger=tiny, fields=Fields(output="tags"))
    (free,) = tag_lines([b'{"text": "x", "topics": 1}'], tagger=tiny, fields=Fields(output="tags"))
    assert isinstance(taken, Rejected)
    assert taken.reason.startswith("has a field 'tags' already")
    assert isinstance(free, Tagged)


def test_topics_below_the_least_probability_are_left_out(tiny: tagger.Tagger) -> None:
    text = "苹果和香蕉"
    every = gained(tiny, {"text": text}, paragraphs=True)
    least = sum(every["probabilities"].values()) / 2
    some = gained(tiny, {"text": text}, paragraphs=True, min_probability=least)
    assert some["probabilities"] == {t: p for t, p in every["probabilities"].items() if p >= least}
    assert len(some["probabilities"]) == len(some["topics"]) == len(some["titles"]) == 1
    assert all(p["probabilities"].keys() >= set(p["topics"]) for p in some["paragraphs"])
    assert gained(tiny, {"text": text}, topics_only=True, min_probability=1.0) == {"topics": []}


def test_a_title_is_a_paragraph_of_its_own_even_where_it_could_run_on(tiny: tagger.Tagger) -> None:
    title, text = "今年以来,全市公安机关破获涉电信网络诈", "骗案件三百余起,苹果和香蕉都在其中。"
    assert len(tiny.tag(f"{title}\n\n{text}").paragraphs) == 1
    found = gained(tiny, {"text": text, "headline": title}, title="headline", paragraphs=True)
    assert [(p["field"], p["start"], p["text"]) for p in found["paragraphs"]] == [
        ("headline", 0, title),
        ("text", 0, text),
    ]


def test_a_title_counts_and_may_be_missing(tiny: tagger.Tagger) -> None:
    assert gained(tiny, {"text": "下雨了", "title": "苹果"}, title="title", topics_only=True) == {"topics": ["fruit"]}
    for record in ({"text": "苹果"}, {"text": "苹果", "title": None}, {"text": "苹果", "title": ""}):
        assert gained(tiny, dict(record), title="title") == gained(tiny, {"text": "苹果"})
    (item,) = tag_lines([b'{"text": "x", "title": 5}'], tagger=tiny, fields=Fields(title="title"))
    assert isinstance(item, Rejected)
    assert item.reason == "field 'title' is not a string"


def test_what_decided_is_told_with_its_places_in_the_field(shipped: tagger.Tagger) -> None:
    text = (
        "  警银联动\n\n今年以来,全市公安机关与各家银行、电信运营商一道,在省厅的指挥下会同 Police\nofficers "
        "连续奋战三个多月,在各地公安机关的配合下成功破获涉电信网络诈\n骗案件三百余起,抓获嫌疑人十名,追回被骗的钱款两千多万元。"
    )
    heading, broken = shipped.tag(text).paragraphs
    assert (len(heading.pieces), len(broken.pieces), bool(broken.topics)) == (1, 3, True)
    found = gained(shipped, {"text": text, "title": "反诈中心成立"}, title="title", explain=5, paragraphs=True)
    assert {e["topic"] for e in found["explanations"]} == set(found["topics"])
    for explanation in found["explanations"]:
        paragraph = found["paragraphs"][explanation["paragraph"] - 1]
        assert explanation["field"] == paragraph["field"]
        assert {"topic": explanation["topic"], "features": explanation["features"]} in paragraph["explanations"]
        assert len(explanation["features"]) == 5
    sources = {"title": "反诈中心成立", "text": text}
    for paragraph in found["paragraphs"]:
        for explanation in paragraph["explanations"]:
            assert explanation["topic"] in paragraph["topics"]
            for feature in explanation["features"]:
                for start, end in feature["places"]:
                    seen = "".join(sources[paragraph["field"]][start:end].split()).casefold()
                    assert seen == "".join(feature["feature"].split())
    plain = gained(shipped, {"text": text}, explain=2)
    assert [len(e["features"]) for e in plain["explanations"]] == [2] * len(plain["topics"])
    assert "field" not in plain["explanations"][0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"min_probability": 1.5}, "from 0 to 1"),
        ({"min_probability": float("nan")}, "from 0 to 1"),
        ({"explain": -1}, "number of features"),
        ({"topics_only": True, "paragraphs": True}, "topics_only leaves no room"),
        ({"topics_only": True, "explain": 3}, "topics_only leaves no room"),
        ({"text": "topics"}, "'topics' is read and written"),
        ({"output": "t", "title": "t", "overwrite": True}, "'t' is read and written"),
    ],
)
def test_fields_that_contradict_each_other_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Fields(**wrong)


def spelled(column: Column) -> str:
    if isinstance(column, list):
        return f"array<{spelled(column[0])}>"
    if isinstance(column, dict):
        return f"struct<{','.join(f'{name}:{spelled(member)}' for name, member in column.items())}>"
    return column


def test_the_fields_that_a_record_gains_are_documented_as_they_are(root: Path) -> None:
    columns = gained_columns(Fields(paragraphs=True, explain=1, title="title"))
    options = {"": "", "paragraphs": "`--paragraphs`", "explain": "`--explain N`"}
    rows = [f"| `{f.name}` | {options[f.asked_by]} | `{spelled(columns[f.name])}` | {f.about} |\n" for f in RECORD]
    assert "".join(rows) in (root / "docs" / "batch.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("fields", [Fields(), Fields(output="x"), Fields(output="x", topics_only=True)])
def test_the_topics_are_found_again_in_what_was_gained(tiny: tagger.Tagger, fields: Fields) -> None:
    (found,) = tag_records([{"text": "苹果"}], tagger=tiny, fields=fields)
    assert fields.topics_of(found) == ["fruit"]
    assert fields.topics_path[0] in fields.gained


def test_an_article_is_written_without_explanations_where_there_is_no_tagger(tiny: tagger.Tagger) -> None:
    fields = Fields(explain=3, paragraphs=True)
    assert article_fields(tiny.tag("苹果"), fields=fields) == article_fields(
        tiny.tag("苹果"), fields=Fields(paragraphs=True)
    )

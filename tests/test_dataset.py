from collections.abc import Sequence
from pathlib import Path

import pytest

from tagger.dataset import LabelOptions, Passed, read_dataset, read_labels, read_topics
from tagger.errors import DataError
from tagger.evaluation import cross_validate
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.training import build_corpus

ROWS = [("苹果, 香蕉", "fruit"), ("火车|站", "train|fruit"), ("下雨", "")]


def written(folder: Path, content: str | bytes, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def csv_text(delimiter: str = ",") -> str:
    lines = [delimiter.join(["text", "topics"]), *(f'"{text}"{delimiter}{topics}' for text, topics in ROWS)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_spreadsheet_is_read_in_each_form_it_comes_in(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = written(tmp_path, csv_text(delimiter).encode(encoding))
    assert [(e.text, "|".join(e.topics)) for e in read_labels(path).examples] == [
        ("苹果, 香蕉", "fruit"),
        ("火车|站", "fruit|train"),
        ("下雨", ""),
    ]


@pytest.mark.parametrize("column", ["topics", "topic", "labels", "label", "标签"])
def test_the_column_of_topics_goes_by_several_names(tmp_path: Path, column: str) -> None:
    assert read_labels(written(tmp_path, f"text,{column}\n苹果,fruit\n")).examples[0].topics == ("fruit",)


def test_json_lines_are_read_likewise(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '\ufeff{"text": "苹果\u2028香蕉", "labels": ["fruit"], "group": 7}\n\n{"text": "下雨", "labels": "a|b"}\n',
        "labels.jsonl",
    )
    first, second = read_labels(path).examples
    assert first == Example("苹果\u2028香蕉", ("fruit",), "7", None, 1)
    assert (second.topics, second.document, second.line) == (("a", "b"), None, 3)


def test_lines_are_the_physical_ones_behind_blank_lines_and_quoted_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, 'text,topics\n"一\n二",fruit\n\n三,train\n')
    assert [e.line for e in read_labels(path).examples] == [2, 5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels.csv", "", "labels.csv: holds no example: write a header such as text,topics"),
        ("labels.csv", " \n\n", "labels.csv: holds no example"),
        ("labels.csv", "text,topics\n", "labels.csv: holds no example"),
        ("labels.csv", "text\n一\n", "labels.csv:1: has no column 'topics'; found: 'text'; --topics-field NAME says"),
        (
            "labels.csv",
            "a,b,topics\n一,二,c\n",
            "labels.csv:1: has no column 'text'; found: 'a', 'b', 'topics'; --text",
        ),
        ("labels.csv", "一,二,三\n四,五,六\n", "'1', '2', '3' .the file has no header, so columns are numbered."),
        ("labels.jsonl", "\n", "labels.jsonl: holds no example"),
        ("labels.jsonl", "[1]\n", "labels.jsonl:1: is no JSON object"),
        ("labels.jsonl", '{"topics": []}\n', "labels.jsonl: has no column 'text'; found: 'topics'"),
        ("labels.jsonl", "{}\n", "labels.jsonl: has no column 'text'; found: none"),
        ("labels.jsonl", '{"text": "一"}\n', "labels.jsonl: has no column 'topics'; found: 'text'"),
        ("labels.jsonl", '{"text": "\\ud800", "topics": []}\n', "labels.jsonl:1: is no JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(written(tmp_path, content, name))


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        ("labels.csv", "text,topics\n一,a\n二,三,a\n", 3, "has 3 cells where the header has 2: put texts that hold"),
        ("labels.csv", 'text,topics\n"一,二",a\n"三,a\n四,b\n', 3, "has a quotation mark that is not closed"),
        ("labels.jsonl", '{"text": "一", "topics": []}\n{"text"\n', 2, "is no JSON"),
        ("labels.jsonl", '{"text": "一", "topics": []}\n{"topics": []}\n', 2, "has no field 'text'; found: 'topics'"),
        ("labels.jsonl", '{"text": "一", "topics": []}\n{}\n', 2, "has no field 'text'; found: none"),
        ("labels.jsonl", '{"text": ["一"], "topics": []}\n', 1, r"the text is \['一'\]: it must be a string"),
        ("labels.jsonl", '{"text": "一", "topics": [["a"]]}\n', 1, r"the topics are \[\['a'\]\]: they must be names"),
        ("labels.jsonl", '{"text": "一", "topics": ["a"]}\n{"text": "\\ud800", "topics": NaN}\n', 2, "is no JSON"),
    ],
)
def test_what_is_wrong_with_a_row_is_kept_with_its_line_and_said_by_what_trains(
    tmp_path: Path, name: str, content: str, line: int, message: str
) -> None:
    path = written(tmp_path, content, name)
    (problem,) = read_labels(path).problems
    assert problem.line == line
    with pytest.raises(DataError, match=f"{name}:{line}: {message}"):
        read_dataset(path)


def test_what_is_called_a_workbook_and_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        read_labels(written(tmp_path, b"PK\x03\x04\0\0", "labels.xlsx"))


def test_a_line_that_tells_excel_the_separator_is_heeded(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "sep=;\nText;Topics\n苹果, 香蕉;fruit\n"))
    (example,) = labels.examples
    assert (example.text, example.line) == ("苹果, 香蕉", 3)
    assert labels.problems == ()


def test_topics_may_be_joined_by_the_wide_bar_of_a_chinese_keyboard(tmp_path: Path) -> None:
    assert read_labels(written(tmp_path, "text,topics\n苹果,a｜b\n")).examples[0].topics == ("a", "b")


def test_a_title_stands_for_its_topic() -> None:
    dataset = read_dataset([example("苹果", "水果"), example("香蕉", "fruit"), example("雨")], topics=TOPICS[:1])
    assert [e.topics for e in dataset.examples] == [("fruit",), ("fruit",), ()]


def test_a_missing_file_is_said() -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read: No such file"):
        read_labels("none.csv")


def test_rows_without_a_text_are_passed_over_and_counted(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,topics\n,a\n一,a\n \u200b,a\n"))
    assert [e.text for e in labels.examples] == ["一"]
    assert labels.reading.passed == (Passed("rows without a text", 2, (2, 4)),)
    assert (labels.reading.rows, labels.problems) == (3, ())


def example(text: str, *topics: str, line: int | None = None) -> Example:
    return Example(text, topics, f"#{text}", None, line)


GOOD = [example("苹果", "fruit"), example("香蕉", "fruit"), example("火车", "train"), example("车站", "train")]
TOPICS = [Topic("fruit", "水果"), Topic("train", "火车", "", ("高铁",))]


@pytest.mark.parametrize(
    ("examples", "topics", "message"),
    [
        (
            [*GOOD, example("葡萄", "friut", line=9)],
            TOPICS,
            "<examples>:9: unknown topic 'friut'; did you mean 'fruit'",
        ),
        ([*GOOD, example("葡萄", "x", line=9)], TOPICS, r"unknown topic 'x'; known are 水果 \(fruit\), 火车 \(train\)"),
        ([example("云"), example("雨")], None, "no example has a topic"),
        ([example("苹果", "fruit"), example("香蕉", "fruit")], None, "every example has the topic 'fruit'"),
    ],
)
def test_contradictions_are_named(examples: list[Example], topics: list[Topic] | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_dataset(examples, topics=topics)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (
            [*GOOD[1:], example("苹果", "fruit", line=2), example("苹果 ", "train", line=5)],
            r"<examples>:5: the same text has the topics train here and fruit on line 2: settle on one",
        ),
        ([*GOOD, example("Ａ", "fruit"), example("a")], r"the topics \(none\) here and fruit before"),
        ([*GOOD, example("云", "sky")], r"topic 'sky' has 1 example\(s\) and 0 keyword\(s\): give it 2 or more"),
    ],
)
def test_what_is_doubtful_is_an_error_only_where_that_is_asked_for(examples: list[Example], message: str) -> None:
    assert read_dataset(examples).examples
    with pytest.raises(DataError, match=message):
        read_dataset(examples, options=LabelOptions(strict=True))


def test_a_text_with_several_sets_of_topics_is_kept_and_warned_of() -> None:
    examples = [*GOOD, example("苹果", "train", line=9)]
    dataset = read_dataset(examples)
    assert dataset.reading is not None
    assert len(dataset.examples) == 5
    (warning,) = dataset.reading.warnings
    assert warning.startswith("1 text with other topics than before (line 9), kept as they are: settle on one")
    quiet = read_dataset(examples, keep_conflicts=True)
    assert quiet.reading is not None
    assert (quiet.reading.warnings, quiet.examples) == ((), dataset.examples)


def test_a_topic_with_one_example_is_left_out_and_named() -> None:
    dataset = read_dataset([*GOOD, example("云", "sky", line=7), example("水果火车", "fruit", "sky", line=8)])
    assert dataset.reading is not None
    assert [topic.name for topic in dataset.topics] == ["fruit", "sky", "train"]
    dataset = read_dataset([*GOOD, example("水果云", "fruit", "sky", line=7)])
    assert dataset.reading is not None
    assert [topic.name for topic in dataset.topics] == ["fruit", "train"]
    assert dataset.examples[-1].topics == ("fruit",)
    (passed,) = dataset.reading.passed
    assert (passed.number, passed.lines) == (1, (7,))
    assert "'sky'" in passed.reason


def test_the_same_text_twice_with_the_same_topics_is_no_conflict() -> None:
    dataset = read_dataset([*GOOD, example("苹果", "fruit")])
    assert dataset.reading is not None
    assert (len(dataset.examples), dataset.reading.warnings) == (5, ())


def test_topics_are_those_that_occur_where_none_are_given() -> None:
    assert [topic.name for topic in read_dataset(GOOD).topics] == ["fruit", "train"]


def test_a_topic_may_live_on_keywords() -> None:
    assert read_dataset([*GOOD], topics=[*TOPICS, Topic("sky", "天空", "", ("白云", "蓝天"))])


def test_topics_toml_beside_the_labels_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, "text,topics\n苹果,fruit\n香蕉,fruit\n下雨,\n")
    written(tmp_path, '[fruit]\ntitle = "水果"\n', "topics.toml")
    assert read_dataset(path).topics == (Topic("fruit", "水果"),)
    assert read_dataset(path, topics=()).topics == (Topic("fruit", "fruit"),)


def test_the_hash_is_of_the_content_and_not_of_the_file(tmp_path: Path) -> None:
    plain = read_dataset(written(tmp_path, "text,topics,document\n苹果,fruit,a\n香蕉,fruit,a\n下雨,,a\n"))
    other = written(tmp_path, "document;topics;text\na;fruit;苹果\na;fruit;香蕉\na;;下雨\n".encode("utf-16"), "b.csv")
    assert read_dataset(other).hash() == plain.hash()
    assert read_dataset(GOOD).hash() != plain.hash()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no topic"),
        ("[fruit", "is no TOML"),
        ("[美食]", r'names that are not ASCII need plain quotation marks: \["美食"\]'),
        ("fruit = 1", "'fruit' stands outside of a topic"),
        ('[fruit]\nkeyword = ["苹果"]', "unknown key 'keyword'; did you mean 'keywords'"),
        ("[fruit]\nzzz = 1", "unknown key 'zzz'; a topic has title"),
        ("[fruit]\ntitle = 1", "topic 'fruit': title must be a string"),
        ('[fruit]\nkeywords = "苹果"', "topic 'fruit': keywords must be a list"),
        ('[fruit]\nkeywords = [""]', "topic 'fruit': every keyword must be a word"),
        ('["a|b"]', r"topic 'a\|b': a name may not"),
    ],
)
def test_what_is_wrong_with_topics_toml_is_said(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_topics(written(tmp_path, content, "topics.toml"))


def test_every_key_of_a_topic_is_optional(tmp_path: Path) -> None:
    assert read_topics(written(tmp_path, "[fruit]\n", "topics.toml")) == (Topic("fruit", "fruit"),)
    full = '[fruit]\ntitle = "水果"\ndescription = "吃的"\nkeywords = ["苹果"]\n'
    assert read_topics(written(tmp_path, full, "topics.toml")) == (Topic("fruit", "水果", "吃的", ("苹果",)),)


def test_a_text_may_be_longer_than_csv_allows_by_itself(tmp_path: Path) -> None:
    path = written(tmp_path, "text,topics\n" + "一" * 200_000 + ",a\n")
    assert len(read_labels(path).examples[0].text) == 200_000


def test_cells_left_out_at_the_end_of_a_row_are_empty(tmp_path: Path) -> None:
    labels = read_labels(written(tmp_path, "text,topics\n一\n二,a\n"), LabelOptions(without_topic="keep"))
    assert [e.topics for e in labels.examples] == [(), ("a",)]


def test_rows_that_are_too_long_are_named_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_dataset(written(tmp_path, "text,topics\n一,a\n一,二,a\n三,四,a\n"))
    assert [problem.line for problem in caught.value.problems] == [3, 4]


def test_json_lines_come_in_other_encodings_too(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    for encoding in ("gb18030", "utf-16"):
        path.write_bytes('{"text": "苹果和香蕉都是水果", "topics": ["fruit"]}\n'.encode(encoding))
        assert read_labels(path).examples[0].text == "苹果和香蕉都是水果"


@pytest.mark.parametrize(
    ("examples", "topics", "message"),
    [
        ([Example("苹果", "fruit", "a")], (), "the topics are 'fruit': they must be a tuple of names"),  # type: ignore[arg-type]
        ([example("\u200b", "fruit")], (), "the text is empty"),
        (GOOD, [TOPICS[0], TOPICS[0], TOPICS[1]], "topic 'fruit' is given 2 times"),
        (
            [*GOOD, example("葡萄", "fruit、train", line=7)],
            (),
            "<examples>:7: topic 'fruit、train' is made of known ones",
        ),
    ],
)
def test_examples_in_memory_are_checked_like_those_in_files(
    examples: list[Example], topics: Sequence[Topic], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_dataset(examples, topics=topics)


def test_the_hash_does_not_hang_on_the_lines_of_nameless_examples(tmp_path: Path) -> None:
    dense = read_dataset(written(tmp_path, "text,topics\n苹果,fruit\n香蕉,fruit\n下雨,\n"))
    loose = read_dataset(written(tmp_path, "text,topics\n\n苹果,fruit\n\n香蕉,fruit\n下雨,\n", "b.csv"))
    assert dense.hash() == loose.hash()


def test_a_document_may_have_any_name(tmp_path: Path) -> None:
    rows = "".join(f"#{n // 2},苹果{n},fruit\n#{n // 2},火车{n},train\n" for n in range(0, 12, 2))
    dataset = read_dataset(written(tmp_path, f"document,text,topics\n{rows}"))
    assert dataset.document_numbers() == [n // 2 for n in range(12)]
    corpus = build_corpus(dataset, Settings())
    assert corpus.groups.tolist() == [n // 2 for n in range(12)]
    report = cross_validate(dataset, Settings())
    assert report.method == "leave one document out, 12 examples of 6 documents"
    assert report.warnings == ()


def test_texts_without_a_document_are_documents_of_their_own(tmp_path: Path) -> None:
    dataset = read_dataset(written(tmp_path, "document,text,topics\n,苹果,a\nx,梨,b\n,火车,a\nx,雨,b\n,苹果,a\n"))
    assert dataset.document_numbers() == [0, 1, 2, 1, 3]
    assert build_corpus(dataset, Settings()).groups.tolist() == [0, 1, 2, 1, 0]

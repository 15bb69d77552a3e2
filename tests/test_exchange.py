"""Labels go to the forms of labelling tools and come back as they were; what a form cannot hold is said or refused."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from command_line import invoke
from extras import needs_workbooks
from foreign import foreign
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tagger.cli.convert import convert as convert_command
from tagger.cli.group import main
from tagger.dataset import LabelOptions, read_dataset, read_labels
from tagger.dataset.cells import is_no_label, name_key, one_spelling
from tagger.errors import DataError
from tagger.exchange import TARGETS, Converted, Entry, convert_labels, read_entries
from tagger.records import Topic

FILES = {
    "csv": "out.csv",
    "tsv": "out.tsv",
    "xlsx": "out.xlsx",
    "jsonl": "out.jsonl",
    "doccano": "doccano.jsonl",
    "label-studio": "tasks.json",
}
FORMS = [pytest.param(form, marks=[needs_workbooks] * (form == "xlsx")) for form in FILES]
RECORDS: list[dict[str, Any]] = [
    {"text": "警方提醒,\n谨防“诈骗”", "topics": ["反诈", "政务 服务"], "document": "007", "paragraph": 3},
    {"text": "今天 天气#好|", "topics": [], "document": "a b.txt"},
    {
        "text": "=1+1",
        "topics": None,
        "suggestion": ["反诈"],
        "probability": 0.12345678901234568,
        "model_version": "m 1",
    },
    {"text": "😀 emoji\r\n", "topics": ["反诈"], "suggestion": [], "probability": 1.0},
    {"text": " 'quoted\" ", "topics": ["政务 服务"], "suggestion": ["政务 服务", "反诈"]},
]


def written(folder: Path, records: Sequence[Mapping[str, Any]], name: str = "in.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def there_and_back(folder: Path, records: list[dict[str, Any]], name: str, to: str | None) -> list[dict[str, Any]]:
    source = written(folder, records)
    convert_labels(source, folder / name, to=to)
    convert_labels(folder / name, folder / "back.jsonl")
    return [json.loads(line) for line in (folder / "back.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_lost_out_and_in_again(tmp_path: Path, form: str) -> None:
    to = form if form in TARGETS else None
    back = there_and_back(tmp_path, RECORDS, FILES[form], to)
    if form == "xlsx":  # as many digits as Excel has
        assert back[2].pop("probability") == pytest.approx(0.12345678901234568, abs=1e-15)
        assert back == [{k: v for k, v in r.items() if (i, k) != (2, "probability")} for i, r in enumerate(RECORDS)]
    else:
        assert back == RECORDS
    examples = read_labels(tmp_path / FILES[form]).examples
    assert [set(e.topics) for e in examples if e.topics] == [{"反诈", "政务 服务"}, {"反诈"}, {"政务 服务"}]


NAMES = st.text(st.sampled_from("ab |｜#,，、;；/+&'\"[]{}()=-反诈务😀.1"), min_size=1, max_size=6)
TEXTS = st.text(min_size=1, max_size=12) | st.text(st.sampled_from("中文,\"'\n\r\t;|#=_x000D 1<>p&"), min_size=1)


@st.composite
def labelled(draw: Callable[[Any], Any]) -> list[dict[str, Any]]:
    spelt = one_spelling(draw(st.lists(NAMES, min_size=1, max_size=4)))
    names = {name_key(name): name for name in spelt.values()}
    known = [name for name in names.values() if name and not is_no_label(name)]
    assume(known)
    topics = st.lists(st.sampled_from(known), max_size=3, unique=True)
    parts: dict[str, Any] = {
        "text": TEXTS.filter(lambda text: bool(text.strip())),
        "topics": st.none() | topics,
    }
    about: dict[str, Any] = {
        "document": st.sampled_from(["a", "007", "b c", "文"]),
        "paragraph": st.integers(1, 99),
    }
    guess: dict[str, Any] = {"suggestion": topics}
    sure: dict[str, Any] = {
        "probability": st.integers(0, 1000).map(lambda n: n / 1000),
        "model_version": st.just("m 1"),
    }
    plain = st.fixed_dictionaries(parts, optional=about)
    guessed = st.fixed_dictionaries(parts | guess, optional=about | sure)
    found: list[dict[str, Any]] = draw(st.lists(plain | guessed, min_size=1, max_size=6))
    return found


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=labelled())
def test_odd_names_and_texts_are_not_lost_either(tmp_path: Path, form: str, records: list[dict[str, Any]]) -> None:
    check_there_and_back(tmp_path, form, records)


def check_there_and_back(tmp_path: Path, form: str, records: list[dict[str, Any]]) -> None:
    back = there_and_back(tmp_path, records, FILES[form], form if form in TARGETS else None)
    if form == "doccano":  # it does not tell none of the topics from not labelled yet
        for record in (*records, *back):
            record["topics"] = record["topics"] or None
    assert back == records


@pytest.mark.full
@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=labelled())
def test_thousands_of_odd_names_and_texts_are_not_lost(
    tmp_path: Path, form: str, records: list[dict[str, Any]]
) -> None:
    check_there_and_back(tmp_path, form, records)


@pytest.mark.parametrize(("name", "to"), [("out.txt", "fasttext"), ("out.csv", "doccano")])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=labelled())
def test_what_a_simple_form_cannot_hold_is_refused_and_not_lost(
    tmp_path: Path, name: str, to: str, records: list[dict[str, Any]]
) -> None:
    try:
        back = there_and_back(tmp_path, records, name, to)
    except DataError:
        return
    assert [set(record["topics"] or ()) for record in back] == [set(record["topics"] or ()) for record in records]
    assert ["".join(record["text"].split()) for record in back] == ["".join(r["text"].split()) for r in records]


def test_label_studio_gets_tasks_with_annotations_and_predictions(tmp_path: Path) -> None:
    convert_labels(written(tmp_path, RECORDS[1:4]), tmp_path / "tasks.json")
    none, unlabelled, labelled = json.loads((tmp_path / "tasks.json").read_bytes())
    choice = {"from_name": "topics", "to_name": "text", "type": "choices", "value": {"choices": ["反诈"]}}
    assert none == {"data": {"text": "今天 天气#好|", "document": "a b.txt"}, "annotations": [{"result": []}]}
    assert unlabelled == {
        "data": {"text": "=1+1"},
        "annotations": [],
        "predictions": [{"model_version": "m 1", "score": 0.12345678901234568, "result": [choice]}],
    }
    assert labelled["annotations"] == [{"result": [choice]}]
    assert labelled["predictions"] == [{"score": 1.0, "result": []}]


def test_its_configuration_offers_the_topics_with_keys_and_titles(tmp_path: Path) -> None:
    source = written(tmp_path, [{"text": "甲", "topics": ["t1"]}, {"text": "乙", "topics": ["t2", 'x"<']}])
    topics = [Topic(f"t{n}", f"题{n}") for n in range(1, 12)]
    done = convert_labels(source, tmp_path / "tasks.json", topics=topics)
    assert done.also_written == (str(tmp_path / "label_config.xml"),)
    config = ET.parse(tmp_path / "label_config.xml").getroot()  # noqa: S314 - we wrote it
    assert config.find("Text").attrib == {"name": "text", "value": "$text"}  # type: ignore[union-attr]
    choices = config.find("Choices")
    assert choices is not None
    assert (choices.get("name"), choices.get("toName"), choices.get("choice")) == ("topics", "text", "multiple")
    offered = [choice.attrib for choice in choices]
    assert offered[0] == {"value": "t1", "hint": "题1", "hotkey": "1"}
    assert [choice.get("hotkey") for choice in offered[8:]] == ["9", "0", None, None]
    assert offered[11] == {"value": 'x"<'}


def test_a_configuration_by_titles_has_no_names_beside(tmp_path: Path) -> None:
    source = written(tmp_path, [{"text": "甲", "topics": ["反诈"]}, {"text": "乙", "topics": None}])
    (tmp_path / "topics.toml").write_text('[a]\ntitle = "反诈"\n[b]\ntitle = "执法"\n', "utf-8")
    convert_labels(source, tmp_path / "tasks.json")
    config = ET.parse(tmp_path / "label_config.xml").getroot()  # noqa: S314 - we wrote it
    assert [choice.get("value") for choice in config.iter("Choice")] == ["反诈", "执法"]


def test_somebody_elses_configuration_stays(tmp_path: Path) -> None:
    source = written(tmp_path, RECORDS)
    config = tmp_path / "label_config.xml"
    convert_labels(source, tmp_path / "tasks.json")
    convert_labels(source, tmp_path / "tasks.json")  # ours is replaced
    config.write_text("<View/>", "utf-8")
    with pytest.raises(DataError, match=r"label_config\.xml: is not one that tagger wrote, and would be replaced"):
        convert_labels(source, tmp_path / "tasks.json")
    assert config.read_text("utf-8") == "<View/>"


def test_exports_of_label_studio_are_read_with_their_predictions(tmp_path: Path) -> None:
    def result(*names: str) -> list[dict[str, Any]]:
        return [{"value": {"choices": [*names]}, "from_name": "topics", "to_name": "text", "type": "choices"}]

    tasks = [
        {"id": 1, "data": {"text": "甲", "url": "x"}, "completions": [{"result": result("a")}], "predictions": [17]},
        {
            "id": 2,
            "data": {"text": "乙"},
            "completions": [{"was_cancelled": True, "result": []}],
            "predictions": [
                {"result": result("b"), "score": 0.5, "created_at": "2026-02-01"},
                {"result": result("a"), "score": "high", "created_at": "2026-01-01"},
            ],
        },
        {"id": 3, "data": {"text": "丙"}, "completions": [], "predictions": [{"result": result("a"), "score": 7}]},
    ]
    (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    read = read_entries(tmp_path / "export.json")
    assert read.entries == (
        Entry("甲", ("a",)),
        Entry("乙", None, suggestion=("b",), probability=0.5),
        Entry("丙", None, suggestion=("a",)),
    )
    assert read.notes == ("columns that are not carried over: url",)


def test_doccano_gets_its_names_and_parts_labels_of_csv_by_its_sign(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"text": "甲", "topics": ["a", "b"], "document": "d"},
        {"text": "乙", "topics": ["b"]},
        {"text": "丙", "topics": None},
    ]
    source = written(tmp_path, records)
    convert_labels(source, tmp_path / "doccano.jsonl", to="doccano")
    assert [json.loads(line) for line in (tmp_path / "doccano.jsonl").read_text("utf-8").splitlines()] == [
        {"text": "甲", "label": ["a", "b"], "document": "d"},
        {"text": "乙", "label": ["b"]},
        {"text": "丙", "label": None},
    ]
    done = convert_labels(source, tmp_path / "doccano.csv", to="doccano")
    assert (tmp_path / "doccano.csv").read_bytes() == "text,label,document\r\n甲,a#b,d\r\n乙,b,\r\n丙,,\r\n".encode()
    assert "doccano takes several topics in its own CSV, a#b, for one: import .jsonl there" in done.notes
    hashed = written(tmp_path, [{"text": "甲", "topics": ["a#1"]}, {"text": "乙", "topics": ["b"]}])
    with pytest.raises(DataError, match=r"topic 'a#1' holds #, by which doccano's CSV parts topics: write \.jsonl"):
        convert_labels(hashed, tmp_path / "doccano.csv", to="doccano")


def test_exports_of_doccano_do_not_tell_none_from_not_labelled(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 1, "text": "甲", "label": ["a"], "Comments": []},
        {"id": 2, "text": "乙", "label": []},
    ]
    source = written(tmp_path, [*lines, {"id": 3, "text": "丙", "label": ["b"]}])
    read = read_entries(source)
    assert [entry.topics for entry in read.entries] == [("a",), None, ("b",)]
    assert "rows without a topic are not labelled yet: 1; --without-topic keep or drop says which" in read.notes
    kept = read_entries(source, LabelOptions(without_topic="keep"))
    assert kept.entries[1].topics == ()
    assert "rows without a topic have none of the topics: 1; --without-topic keep or drop says which" in kept.notes
    with pytest.raises(DataError, match=r"in\.jsonl:2: has no topic: label it"):
        read_entries(source, LabelOptions(without_topic="stop"))
    done = convert_labels(source, tmp_path / "d.jsonl", to="doccano", options=LabelOptions(without_topic="keep"))
    assert "1 texts have none of the topics, and train takes 0 of them so: give it --without-topic keep" in done.notes


def test_fasttext_gets_lines_and_what_they_do_not_hold_is_said(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"text": "第一 段\n话", "topics": ["a", "b"], "document": "d", "paragraph": 1},
        {"text": "two words", "topics": ["b"], "suggestion": ["a"], "probability": 0.5, "model_version": "m"},
        {"text": "三", "topics": []},
        {"text": "四", "topics": ["a"]},
        {"text": "五", "topics": None},
    ]
    done = convert_labels(written(tmp_path, records), tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text("utf-8") == (
        "__label__a __label__b 第一 段 话\n__label__b two words\n三\n__label__a 四\n五\n"
    )
    rest = "the numbers of 1 paragraphs, the guesses for 1 texts, 1 probabilities, the model's name of 1 guesses"
    assert done.notes == (
        f"fasttext does not hold line ends and spaces in 1 texts, the documents of 1 texts, {rest}",
        "fasttext does not tell 1 texts with none of the topics from those that nobody has labelled",
        "1 texts have none of the topics, and train takes 2 of them so: give it --without-topic drop",
    )
    examples = read_labels(tmp_path / "out.txt").examples
    assert [(e.text, e.topics) for e in examples[:2]] == [("第一段话", ("a", "b")), ("two words", ("b",))]


def test_notes_are_in_the_language_used_and_english_for_programs(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"text": "甲 乙", "topics": ["a"], "document": "d", "a": 1, "b": 2},
        {"text": "", "topics": ["a"]},
    ]
    source = written(tmp_path, records)
    plain = convert_labels(source, tmp_path / "out.txt")
    with foreign():
        done = convert_labels(source, tmp_path / "out.txt")
        assert done.to_dict() == plain.to_dict()
    assert done.notes == (
        "〔rows without a text are passed over: 1 (first on line 2)〕",
        "〔columns that are not carried over: 〔a, b〕〕",
        "〔fasttext does not hold 〔〔line ends and spaces in 1 texts〕, 〔the documents of 1 texts〕〕〕",
    )


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"text": "甲", "topics": ["a b"]}], "topic 'a b' has a space, which no label of fastText can have"),
        ([{"text": "甲 __label__x", "topics": ["a"]}], "a text holds __label__, which fastText takes for a label"),
        (
            [{"text": "甲", "topics": ["a"]}, {"text": "乙", "topics": None}],
            "too few of the first texts have a topic to be known for lines of fastText",
        ),
    ],
)
def test_what_fasttext_would_lose_in_silence_is_refused(
    tmp_path: Path, records: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        convert_labels(written(tmp_path, records), tmp_path / "out.txt")
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}', "fasttext cannot hold these texts, as they could not be read again"),
        ("\ufeff", "fasttext cannot hold these 3 texts, as they would be read again as 2"),
        ("\ufeff甲", r"fasttext cannot hold the text '\\ufeff甲'"),
    ],
)
def test_what_would_be_read_again_as_something_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    records: list[dict[str, Any]] = [
        {"text": text, "topics": []},
        {"text": "乙", "topics": ["a"]},
        {"text": "丙", "topics": ["b"]},
    ]
    with pytest.raises(DataError, match=message):
        convert_labels(written(tmp_path, records), tmp_path / "out.txt")


def test_what_train_alone_would_read_as_something_else_is_written_otherwise(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"text": "甲", "topics": ["a、b"]}, {"text": "乙", "topics": ["a"]}]
    records += [{"text": f"丙{n}", "topics": None, "suggestion": [name]} for n, name in enumerate(["c、d", "e、f"])]
    convert_labels(written(tmp_path, records), tmp_path / "out.csv")
    assert [e.topics for e in read_labels(tmp_path / "out.csv").examples] == [("a、b",), ("a",)]


def test_a_model_guesses_for_texts_that_nobody_has_labelled(tmp_path: Path, model: Path) -> None:
    (tmp_path / "pool.csv").write_text("text,document\n苹果和香蕉,a\n火车开了,b\n,c\n你好,d\n", "utf-8")
    done = convert_labels(tmp_path / "pool.csv", tmp_path / "tasks.json", model=model)
    assert (done.texts, done.labelled, done.unlabelled, done.guessed) == (3, 0, 3, 3)
    assert done.notes == (
        "no column holds topics, so no text is labelled; found: 'text', 'document'; --topics-field names one",
        "rows without a text are passed over: 1 (first on line 4)",
    )
    fruit, train, none = read_entries(tmp_path / "tasks.json").entries
    assert (fruit.suggestion, train.suggestion, none.suggestion) == (("fruit",), ("train",), ())
    assert all(entry.probability is not None and entry.probability > 0.5 for entry in (fruit, train, none))
    assert fruit.document == "a"
    assert fruit.model_version.startswith("tiny ")
    labelled = written(tmp_path, [{"text": "苹果", "topics": ["train"]}])
    assert convert_labels(labelled, tmp_path / "out.jsonl", model=model).guessed == 0


def test_sheets_say_what_is_not_labelled_and_what_is_about_none_of_the_topics(tmp_path: Path) -> None:
    convert_labels(written(tmp_path, RECORDS[:3]), tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig").split("\r\n")
    assert lines[0] == "text,topics,document,paragraph,suggestion,probability,model_version"
    assert lines[2] == "今天 天气#好|,无,a b.txt,,,,"
    assert lines[3] == "=1+1,未标注,,,反诈,0.12345678901234568,m 1"
    # Rows that nobody has labelled teach nothing, where those without a topic do.
    assert [e.topics for e in read_labels(tmp_path / "out.csv").examples] == [("反诈", "政务 服务"), ()]


def test_names_of_a_list_of_classes_and_folders_are_carried_over(tmp_path: Path) -> None:
    (tmp_path / "class.txt").write_text("体育\n财经\n", "utf-8")
    (tmp_path / "train.txt").write_text("足球赛\t0\n股票\t1\n篮球赛\t0\n", "utf-8")
    convert_labels(tmp_path / "train.txt", tmp_path / "out.jsonl")
    assert [e.topics for e in read_entries(tmp_path / "out.jsonl").entries] == [("体育",), ("财经",), ("体育",)]
    for topic in ("甲", "乙"):
        (tmp_path / "folder" / topic).mkdir(parents=True)
        (tmp_path / "folder" / topic / "1.txt").write_text(f"{topic}类的一段话", "utf-8")
    convert_labels(tmp_path / "folder", tmp_path / "out.csv")
    assert {e.topics for e in read_labels(tmp_path / "out.csv").examples} == {("甲",), ("乙",)}


def test_columns_of_marks_numbers_for_texts_and_lost_columns(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,体育,财经\n甲,1,0\n乙,0,1\n", "utf-8")
    assert [e.topics for e in read_entries(tmp_path / "in.csv").entries] == [("体育",), ("财经",)]
    source = written(tmp_path, [{"text": 12, "topics": ["a"], **{f"f{n}": n for n in range(12)}}])
    read = read_entries(source)
    assert read.entries == (Entry("12", ("a",)),)
    assert read.notes == ("columns that are not carried over: f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 …",)


def test_older_rows_of_label_studio_are_passed_over(tmp_path: Path) -> None:
    header = "text,topics,id,annotator,annotation_id,updated_at"
    rows = "甲,a,1,x,1,2026-01-01\n甲,b,1,x,2,2026-01-02\n乙,a,2,x,3,2026\n"
    (tmp_path / "in.csv").write_text(f"{header}\n{rows}", "utf-8")
    read = read_entries(tmp_path / "in.csv")
    assert [entry.topics for entry in read.entries] == [("b",), ("a",)]
    assert "older annotations of a task are passed over: 1" in read.notes


@needs_workbooks
def test_a_text_that_a_workbook_cannot_hold_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path, [{"text": "长" * 32_768, "topics": ["a"]}, {"text": "短", "topics": ["b"]}])
    with pytest.raises(DataError, match=r"a cell of a workbook holds 32767 characters"):
        convert_labels(source, tmp_path / "out.xlsx")
    assert convert_labels(source, tmp_path / "out.csv").texts == 2


@pytest.mark.parametrize(
    ("name", "to", "message"),
    [
        ("out", None, "what it is to be cannot be told: give --to csv, xlsx, jsonl, doccano, label-studio, fasttext"),
        ("out.csv", "xlsx", r"is no name for xlsx: let it end in \.xlsx"),
        ("out.txt", "doccano", r"is no name for doccano: let it end in \.jsonl or \.csv"),
        ("in.jsonl", None, "is read and written at once: name another file to write"),
        ("folder.csv", None, "is a folder: name a file to write"),
    ],
)
def test_names_that_do_not_fit_are_refused(tmp_path: Path, name: str, to: str | None, message: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=message):
        convert_labels(written(tmp_path, RECORDS), tmp_path / name, to=to)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('{"text": "甲"', "is no JSON|cannot be read"),
        ("", "holds no text|is empty"),
        ('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', "has no column 'text'|has no column 'topics'"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, data: str, message: str) -> None:
    (tmp_path / "in.jsonl").write_text(data, "utf-8")
    with pytest.raises(DataError, match=message):
        read_entries(tmp_path / "in.jsonl")


def test_a_sheet_of_texts_alone_and_a_column_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "pool.txt").write_text("第一段话\n第二段话\n", "utf-8")
    assert [entry.text for entry in read_entries(tmp_path / "pool.txt").entries] == ["第一段话", "第二段话"]
    with pytest.raises(DataError, match="has no column 'y' for the topics"):
        read_entries(tmp_path / "pool.txt", LabelOptions(topics_field="y"))


def test_on_the_command_line_what_was_done_is_said(tmp_path: Path) -> None:
    source = written(tmp_path, RECORDS)
    done = invoke(main, ["convert", str(source), str(tmp_path / "tasks.json"), "--json"])
    assert done.exit_code == 0
    assert Converted(**json.loads(done.stdout)).form == "label-studio"
    counts = "3 labelled, 1 with none of the topics, 1 not labelled, 3 with a guess"
    config = tmp_path / "label_config.xml"
    assert done.stderr == f"{tmp_path / 'tasks.json'}: 5 texts for label-studio: {counts}; {config}\n"
    done = invoke(main, ["convert", str(source), str(tmp_path / "d.csv"), "--to", "doccano"])
    assert f"{source}: doccano takes several topics" in done.stderr
    (offered,) = [option.type for option in convert_command.params if option.name == "to"]
    assert getattr(offered, "choices", None) == TARGETS


@needs_workbooks
def test_what_was_converted_can_be_trained_on(tmp_path: Path, tiny_labels: Path) -> None:
    whole = read_dataset(tiny_labels).hash()
    for name, to in (("a.csv", None), ("a.xlsx", None), ("a.jsonl", None), ("t.json", None), ("d.jsonl", "doccano")):
        convert_labels(tiny_labels, tmp_path / name, to=to)
        assert read_dataset(tmp_path / name).hash() == whole, name

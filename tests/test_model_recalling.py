"""Sentences that a model stores in English are said in the reader's language."""

import time
from pathlib import Path

import pytest

import tagger
from tagger.dataset import LabelOptions, read_dataset
from tagger.dataset.reading import Reading
from tagger.messages import CATALOGUES, Message, english, in_language, used
from tagger.model.card import render_card
from tagger.model.recalling import _PLAIN, KINDS, recall
from tagger.settings import Settings

PLAIN = "text,topics\n" + "苹果很甜,水果\n火车很快,火车\n" * 3
FILES = {
    "plain.csv": PLAIN,
    "none.csv": f"text,topics,document\n{PLAIN[12:]}下雨,,a\n刮风,,b\n,水果,c\n一个,水果|火车,c\n",
    "several.csv": "内容;分类\n苹果;水果,甜\n火车;交通\n苹果汁;水果,甜\n飞机;交通\n",
    "spelling.csv": "text,topics\n苹果,Fruit\n梨,fruit\n<p>火车</p>,train\n汽车,train\n轮船,TRAIN\n",
    "rare.csv": f"{PLAIN}下雨,天气\ntext,topics\n刮风,待标注\n",
    "spoilt.csv": f"{PLAIN}涓�锛屾\ufffd,水果\n烫烫烫,火车\n",
    "conflict.csv": f"{PLAIN}苹果很甜！,火车\n",
    "marks.csv": "text,水果,火车\n" + "苹果很甜,1,0\n火车很快,0,1\n" * 3,
    "titles.csv": "正文,标题,主题\n苹果真的很甜,苹果,水果\n火车跑得很快,火车,交通\n" * 2,
    "split.csv": "text,topics,split\n苹果很甜,水果,train\n火车很快,交通,train\n汽车很快,交通,test\n梨很甜,水果,test\n",
    "numbered.csv": "text,标签1,标签2\n苹果很甜,水果,甜\n火车很快,交通,快\n梨很甜,水果,甜\n船很快,交通,快\n",
    "places.jsonl": '{"text": "苹果", "label": [1, 0]}\n{"text": "火车", "label": [0, 1]}\n' * 2,
    "within.json": '{"data": [{"text": "苹果", "label": "水果"}, {"text": "火车", "label": "交通"}]}',
    "columns.json": '{"text": ["苹果", "火车"], "label": ["水果", "交通"]}',
    "dates.csv": "text,topics\n苹果很甜,1月2日\n火车很快,1月3日\n梨很甜,1月2日\n船很快,1月3日\n",
    "remarks.csv": "text,topics\n苹果很甜,水果\n梨很甜,水果（待复核）\n火车很快,交通\n桃很甜,水果（待复核）\n"
    + "杏很甜,水果\n车很快,交通\n" * 6,
    "signs.csv": "text,topics\n1234,水果\n5678,交通\n1111,水果\n2222,交通\n",
    "a.jsonl": '{"text": "苹果", "label": "水果"}\n{"text": "火车", "label": "交通"}\n' * 2,
    "b.json": '[{"text": "苹果", "label": ["水果"]}, {"text": "火车", "label": ["交通"]}]',
    "c.txt": "__label__fruit 苹果 很甜\n__label__train 火车 很快\n" * 2,
    "merged.csv": "text,topics\n苹果,水果\n火车,交通\n" + "梨,\n车,\n桃,\n船,\n",
    "odd, text from 'x'.csv": PLAIN.replace("水果", "text").replace("topics", '"标签 1, x"'),
}


def sentences(folder: Path, name: str, **options: object) -> list[str]:
    path = folder / name
    path.write_text(FILES[name], encoding="utf-8")
    reading = read_dataset(path, options=LabelOptions(**options)).reading  # type: ignore[arg-type]
    assert isinstance(reading, Reading)
    return [*reading.sentences()]


@pytest.mark.parametrize("name", FILES)
def test_what_was_read_is_said_again_as_it_was_said(tmp_path: Path, name: str) -> None:
    options = {"topics_field": "标签 1, x"} if "odd" in name else {}
    said = sentences(tmp_path, name, **options)
    assert said
    with used("zh"):
        for sentence in said:
            found = recall(english(sentence), "read")
            # Names of columns are data.
            wanted = in_language(sentence, "zh").replace("'水果、火车 各列的记号'", "'marks in 水果, 火车'")
            for names in (("水果", "火车"), ("标签1", "标签2"), ("train", "test")):
                wanted = wanted.replace("、".join(names), ", ".join(names))
            assert found == wanted
            assert found != english(sentence)
    assert [recall(english(sentence), "read") for sentence in said] == said


def test_a_signature_is_said_again() -> None:
    for settings in (Settings(exclusive=True), Settings(cost=0.5, exclusive=False, lengths=False)):
        for made in (
            "tagger-zh 1.0, data 0123, {settings}, 5 folds by document, 1000 resamples",
            "tagger-zh 1.0, data 0123, trained on 4567, {settings}, 200 resamples",
        ):
            text = made.format(settings=settings.describe())
            assert recall(text, "signature") == text
            with used("zh"):
                found = recall(text, "signature")
                assert isinstance(found, Message)
                assert settings.describe() in found
                assert (english(found), " resamples" in found) == (text, False)


@pytest.mark.parametrize(
    "text", ["", "made by hand", "a.csv: whale", "passed over: 3 whales (lines 1)", "2 topics", "lines 3"]
)
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    with used("zh"):
        assert recall(text, "read") == text


def test_what_a_stranger_wrote_takes_no_time() -> None:
    began = time.process_time()
    with used("zh"):
        for part in (
            "table, ",
            "text from 'a', ",
            "2 topics: a 1, ",
            "{n} rows; ",
            "a: ",
            "without a topic 1 (lines 1, ",
        ):
            for number in (5, 20, 40, 10_000):
                text = f"a: {part * number}x"
                assert english(recall(text, "read")) == text
                assert recall(f"9{text}", "signature") == f"9{text}"
    assert time.process_time() - began < 5


def test_all_templates_are_messages_of_the_catalogue() -> None:
    # As the compiled catalogue has them: those with a plural are parted by NUL.
    known = (CATALOGUES / "zh" / "LC_MESSAGES" / "tagger.mo").read_bytes()
    phrases = ["\0".join(phrase) for kind in KINDS.values() for phrase in kind if phrase[0] not in _PLAIN]
    assert [phrase for phrase in phrases if f"\0{phrase}\0".encode() not in known] == []


def test_the_card_of_a_stored_model_is_in_the_language_of_its_reader(tiny: tagger.Tagger, model: Path) -> None:
    stored = tagger.load(model).model
    assert all(
        isinstance(sentence, str) and not isinstance(sentence, Message) for sentence in stored.provenance.reading
    )
    with used("zh"):
        card = render_card(stored)
        for sentence in tiny.model.provenance.reading:
            assert f"：{in_language(sentence, 'zh')}\n" in card

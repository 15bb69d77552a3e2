"""Decisions are on the disk before they are told of, and come out as a label file that is otherwise untouched."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.curation.outlook import Gain, Outlook
from tagger.dataset import LabelOptions, read_dataset
from tagger.dataset.appending import append_rows
from tagger.dataset.labels import read_labels
from tagger.errors import DataError, RunError, SettingsError
from tagger.labelling.desk import Guess
from tagger.labelling.journal import Decision, Journal, Mode, Written
from tagger.labelling.learner import Learner, _calm, _end_with_parent
from tagger.labelling.learning import _border, _in_turn, foresee, learn
from tagger.labelling.opening import Labelling, open_labelling
from tagger.labelling.saving import Saver, Standing
from tagger.labelling.session import Session
from tagger.labelling.writer import Writer
from tagger.records import Example, Topic

OPTIONS = LabelOptions()
TOPICS = (Topic("food", "美食", "吃的"), Topic("sport", "体育"))
POOL = tuple(
    Example(text, (), document, line=number)
    for number, (text, document) in enumerate(
        [("火锅开张", "a"), ("球队夺冠", "a"), ("今天下雨", "b"), ("面馆排队", None), ("跑步比赛", None)], start=1
    )
)


def decision(n: int, text: str, *topics: str, answer: str = "decided") -> Decision:
    return Decision(n, "2026-11-27T04:03:11+08:00", f"key of {text}", text, answer, topics)  # type: ignore[arg-type]  # one of two


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(f"{path}.journal")
    journal.choose("any")
    yield journal
    journal.close()


@pytest.fixture
def session(path: Path, journal: Journal) -> Session:
    return Session(POOL, TOPICS, journal, Saver(path, journal, OPTIONS))


class TestJournal:
    def test_what_was_decided_is_there_when_it_is_opened_again(self, path: Path) -> None:
        first = Journal(path)
        first.choose("several")
        first.choose("one")
        for number, text in enumerate(["甲", "乙", "甲"], start=1):
            first.decide(decision(number, text, f"t{number}"))
        assert (first.mode, first.number) == ("several", 3)
        undone = first.undo()
        assert undone is not None
        assert undone.topics == ("t3",)
        first.close()
        second = Journal(path)
        assert [(d.text, d.topics) for d in second.last(9)] == [("乙", ("t2",)), ("甲", ("t1",))]
        assert second.number == 3
        second.undo()
        second.undo()
        assert second.undo() is None
        second.close()

    def test_a_line_that_was_broken_off_is_cut_and_the_rest_stays(self, path: Path) -> None:
        first = Journal(path)
        first.decide(decision(1, "甲", "a"))
        first.close()
        whole = path.read_bytes()
        path.write_bytes(whole + b'{"n": 2, "at": "20')
        second = Journal(path)
        assert [d.n for d in second.last(9)] == [1]
        second.decide(decision(2, "乙"))
        second.close()
        assert path.read_bytes().startswith(whole + b'{"n":2')

    @pytest.mark.parametrize(
        "line",
        ["x", "[]", "{}", '{"n": 1}', '{"undo": 7}', '{"format": 2, "mode": "any"}', '{"format": 1, "mode": "x"}'],
    )
    def test_what_is_no_journal_is_left_alone(self, path: Path, line: str) -> None:
        path.write_text(f'{{"format": 1, "mode": "any"}}\n{line}\n', encoding="utf-8")
        before = path.read_bytes()
        with pytest.raises(DataError, match=r"labels\.csv:2: is no line of a journal of labels: move the file away"):
            Journal(path)
        assert path.read_bytes() == before

    def test_two_do_not_label_into_one_file(self, path: Path, journal: Journal) -> None:
        assert journal.mode == "any"
        with pytest.raises(RunError, match="is open in another process that labels"):
            Journal(f"{path}.journal")


class TestAppending:
    @pytest.mark.parametrize(
        ("data", "added"),
        [
            (b"", "\ufefftext,topics,document,paragraph\r\n火锅,food,d,3\r\n".encode()),
            (b"\xef\xbb\xbf", "\ufefftext,topics,document,paragraph\r\n火锅,food,d,3\r\n".encode()),
            ("类别;正文;编号\n体育;球赛,真好;7\nfood;面馆;8".encode("gb18030"), "\nfood;火锅;\n".encode("gb18030")),
            ("text\ttopics\r\n球赛\tsport\r\n面馆\tfood\r\n".encode("utf-16"), "火锅\tfood\r\n".encode("utf-16-le")),
        ],
    )
    def test_a_row_is_in_the_form_of_the_file(self, data: bytes, added: bytes) -> None:
        found = append_rows("labels.csv", data, [Example("火锅", ("food",), "d", 3)], OPTIONS)
        assert found == (data + added if data.strip(b"\xef\xbb\xbf") else added)

    def test_json_lines_gain_a_line_like_the_others(self) -> None:
        rows = [Example("火锅", ("food",), "d", 3), Example("下雨", ())]
        assert append_rows("new.jsonl", b"", rows, OPTIONS).decode() == (
            '{"text": "火锅", "topics": ["food"], "document": "d", "paragraph": 3}\n{"text": "下雨", "topics": []}\n'
        )
        data = '{"content": "球赛", "label": "sport"}\n{"content": "面馆", "label": "food"}\n'.encode()
        found = append_rows("old.jsonl", data, rows[:1], OPTIONS)
        assert found == data + '{"content": "火锅", "label": "food", "document": "d", "paragraph": 3}\n'.encode()

    def test_none_of_the_topics_is_said_in_a_word(self) -> None:
        found = append_rows("labels.csv", b"", [Example("下雨", ()), Example("火锅", ("food",))], OPTIONS)
        assert ",无,," in found.decode()
        assert [e.topics for e in read_labels("labels.csv", OPTIONS, data=found).examples] == [(), ("food",)]

    def test_nothing_to_add_changes_nothing(self) -> None:
        assert append_rows("labels.csv", b"anything", [], OPTIONS) == b"anything"

    def test_what_cannot_be_written_is_refused(self) -> None:
        row = [Example("火锅", ("food",))]
        with pytest.raises(DataError, match="rows are added to CSV and JSON lines only"):
            append_rows("labels.txt", b"__label__food a\n__label__sport b\n", row, OPTIONS)
        data = "text,topics\n球赛,sport\n面馆,food\n".encode("gb18030")
        with pytest.raises(DataError, match="cannot be written in gb18030: save the file as UTF-8"):
            append_rows("labels.csv", data, [Example("\udc80", ("food",))], OPTIONS)
        with pytest.raises(DataError, match="a row would not be read back as it is"):
            append_rows("labels.csv", b"", [Example("<p>a</p><p>b</p>", ("food",))], OPTIONS)

    @given(st.lists(st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.booleans())))
    def test_any_text_is_read_back_or_refused(self, rows: list[tuple[str, bool]]) -> None:
        examples = [Example(text, ("food",) if has else ()) for text, has in rows]
        try:
            data = append_rows("labels.csv", b"", examples, OPTIONS)
        except DataError:
            return
        if examples:
            options = LabelOptions(without_topic="keep")
            assert [(e.text, e.topics) for e in read_labels("x.csv", options, data=data).examples] == [
                (e.text, e.topics) for e in examples
            ]


class TestSaver:
    def test_an_undo_takes_the_row_out_again_and_the_users_rows_stay(self, path: Path, journal: Journal) -> None:
        own = "text,topics\n球赛,sport\n面馆,food".encode()
        path.write_bytes(own)
        saver = Saver(path, journal, OPTIONS)
        journal.decide(decision(1, "火锅", "food"))
        journal.decide(decision(2, "下雨", answer="unsure"))
        assert saver.save() == 1
        assert path.read_bytes() == own + "\n火锅,food\n".encode()
        written = path.stat().st_mtime_ns
        assert saver.save() == 1
        assert path.stat().st_mtime_ns == written
        journal.undo()
        journal.undo()
        assert saver.save() == 0
        assert path.read_bytes() == own

    def test_rows_of_a_file_that_was_changed_since_are_the_users(self, path: Path, journal: Journal) -> None:
        saver = Saver(path, journal, OPTIONS)
        journal.decide(decision(1, "火锅", "food"))
        saver.save()
        changed = path.read_bytes().replace("火锅,food".encode(), "火锅,sport".encode())
        path.write_bytes(changed)
        journal.decide(decision(2, "面馆", "food"))
        assert saver.save() == 1
        assert path.read_bytes() == changed + "面馆,food,,\r\n".encode()
        assert saver.settled == 1
        assert saver.own_part() == changed

    def test_what_is_written_is_known_when_one_comes_back(self, path: Path, journal: Journal) -> None:
        journal.decide(decision(1, "火锅", "food"))
        Saver(path, journal, OPTIONS).save()
        journal.close()
        again = Journal(journal.path)
        again.decide(decision(2, "面馆", "food"))
        Saver(path, again, OPTIONS).save()
        again.close()
        assert path.read_text("utf-8-sig").splitlines() == [
            "text,topics,document,paragraph",
            "火锅,food,,",
            "面馆,food,,",
        ]

    def test_a_file_that_cannot_be_read_is_said(self, tmp_path: Path, journal: Journal) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            Saver(tmp_path, journal, OPTIONS).save()


class TestSession:
    def test_one_text_after_another_is_asked_about_with_those_around_it(self, session: Session) -> None:
        first = session.next()
        assert first is not None
        assert (first.example.text, first.before, first.after, first.guess, first.why) == (
            "火锅开张", "", "球队夺冠", None, "new",
        )  # fmt: skip
        session.decide(first.key, ["food"])
        second = session.next()
        assert second is not None
        assert (second.example.text, second.before, second.after) == ("球队夺冠", "火锅开张", "")
        for item in iter(session.next, None):
            session.decide(item.key, [])
        assert [example.topics for example in session.examples()] == [("food",), (), (), (), ()]

    def test_the_last_can_be_taken_back_and_any_looked_at_again(self, session: Session) -> None:
        assert session.undo() is None
        first = session.next()
        assert first is not None
        session.decide(first.key, ["food", "sport"], flag=True)
        assert session.state()["last"][0]["flag"]
        again = session.undo()
        assert again is not None
        assert (again.key, again.why) == (first.key, "review")
        assert again.past is not None
        assert (again.past.topics, again.past.flag) == (("food", "sport"), True)
        assert session.item(first.key).past is None  # it was taken back
        session.decide(first.key, ["sport"])
        reopened = session.item(first.key)
        assert reopened.past is not None
        assert reopened.past.topics == ("sport",)
        session.decide(reopened.key, ["food"])
        assert session.state()["counts"] == {"food": 1, "sport": 0}
        with pytest.raises(SettingsError, match="there is no such text"):
            session.item("other")

    def test_what_cannot_be_is_refused(self, session: Session, path: Path) -> None:
        first = session.next()
        assert first is not None
        with pytest.raises(SettingsError, match="there is no topic 'x'"):
            session.decide(first.key, ["x"])
        with pytest.raises(SettingsError, match="there is no such text"):
            session.decide("x", [])
        for mode, topics in (("one", []), ("one", ["food", "sport"]), ("several", [])):
            journal = Journal(f"{path}.{mode}.{len(topics)}")
            journal.choose(mode)  # type: ignore[arg-type]  # it is one of them
            strict = Session(POOL, TOPICS, journal, Saver(path, journal, OPTIONS))
            with pytest.raises(SettingsError, match=r"a text has (exactly one topic|one topic at least) here"):
                strict.decide(first.key, topics)
            strict.decide(first.key, [], answer="unsure")
            assert strict.state()["unsure"] == 1
            journal.close()

    def test_what_a_model_makes_of_the_texts_decides_what_is_asked(self, session: Session) -> None:
        keys = {session.item(key).example.text: key for key in session._items}
        guesses = {key: Guess(("food",), {"food": 0.9, "sport": 0.1}) for key in keys.values()}
        session.learn([keys["跑步比赛"], keys["今天下雨"], "gone"], guesses)
        asked = []
        for _ in range(3):
            item = session.next()
            assert item is not None
            assert item.guess is not None
            asked.append((item.example.text, item.why))
            session.decide(item.key, item.guess.topics)
        assert asked == [("跑步比赛", "unsure"), ("今天下雨", "unsure"), ("火锅开张", "unsure")]

    def test_one_in_twenty_is_taken_at_random(self, session: Session) -> None:
        asked = [item.why for _ in range(40) if (item := session.next()) is not None]
        assert asked.count("random") == 2

    def test_guesses_are_not_shown_to_the_blind(self, path: Path, journal: Journal) -> None:
        session = Session(POOL, TOPICS, journal, Saver(path, journal, OPTIONS), blind=True)
        item = session.next()
        assert item is not None
        session.learn([], {item.key: Guess(("food",), {})})
        item = session.item(item.key)
        assert item.guess is None
        assert session.decide(item.key, []).guess is None

    def test_rows_that_are_the_users_by_now_are_changed_in_the_file(self, session: Session, path: Path) -> None:
        first = session.next()
        assert first is not None
        session.decide(first.key, ["food"])
        assert session.save() == ""
        path.write_bytes(path.read_bytes() + "别的,sport,,\r\n".encode())
        assert session.save() == ""
        with pytest.raises(SettingsError, match="change it there"):
            session.decide(first.key, ["sport"])
        assert session.undo() is None


def test_decisions_come_while_the_file_is_written(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Saver.write
    keys = sorted(session._items, key=lambda key: session._items[key])
    session.decide(keys[0], ["food"])
    session.decide(keys[1], ["sport"])

    def write(saver: Saver, standing: Standing) -> tuple[Written, int]:
        assert session.undo() is not None
        session.decide(keys[2], [])
        return usual(saver, standing)

    with monkeypatch.context() as patch:
        patch.setattr(Saver, "write", write)
        assert session.save() == ""
    assert [e.text for e in read_labels(str(path), OPTIONS).examples] == ["火锅开张", "球队夺冠"]
    assert session.save() == ""
    options = replace(OPTIONS, without_topic="keep")
    assert [e.text for e in read_labels(str(path), options).examples] == ["火锅开张", "今天下雨"]


def test_a_label_file_that_is_held_is_written_later_and_nothing_is_lost(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tagger.labelling.writer._QUIET", 0.02)
    held = [True]
    usual = Saver.write

    def write(saver: Saver, standing: Standing) -> tuple[Written, int]:
        if held[0]:
            raise RunError("labels.csv: cannot be written")
        return usual(saver, standing)

    monkeypatch.setattr(Saver, "write", write)
    with Writer(session) as writer:
        session.watch(writer.wake)
        item = session.next()
        assert item is not None
        session.decide(item.key, ["food"])
        assert writer.problem == "labels.csv: cannot be written"
        held[0] = False
        for _ in range(500):
            if path.exists():
                break
            time.sleep(0.01)
    assert writer.problem == ""
    assert "火锅开张,food,a" in path.read_text("utf-8-sig")


class TestOpening:
    def open(self, tmp_path: Path, labels: str = "", topics: str = "") -> Labelling:
        (tmp_path / "pool.txt").write_text("火锅开张\n球队夺冠\n", encoding="utf-8")
        if labels:
            (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
        if topics:
            (tmp_path / "topics.toml").write_text(topics, encoding="utf-8")
        with open_labelling(tmp_path / "pool.txt", tmp_path / "labels.csv") as work:
            return work

    def test_topics_are_those_beside_or_those_that_occur(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"no topic is known: write a topics\.toml, and name it by --topics"):
            self.open(tmp_path)
        work = self.open(tmp_path, labels="text,topics\n面馆,food\n球赛,sport\n")
        assert [topic.name for topic in work.topics] == ["food", "sport"]
        assert work.mode is None
        work = self.open(tmp_path, topics='[news]\ntitle = "新闻"\n')
        with open_labelling(tmp_path / "pool.txt", tmp_path / "new.csv") as work:
            assert [*work.sentences()] == ["2 texts to label; topics: 新闻"]
        work = self.open(tmp_path)
        assert [*work.sentences()] == [
            "2 texts to label; topics: 新闻", "2 rows are labelled already, and 0 here before",
        ]  # fmt: skip

    def test_what_was_decided_before_is_not_asked_again_and_not_counted_twice(self, tmp_path: Path) -> None:
        self.open(tmp_path, topics='[food]\ntitle = "美食"\n')
        pool, labels = tmp_path / "pool.txt", tmp_path / "labels.csv"
        for left in (1, 0):
            with open_labelling(pool, labels) as work:
                work.choose("any")
                session = work.session(blind=False)
                item = session.next()
                assert item is not None
                session.decide(item.key, ["food"])
                session.save()
                assert session.state()["left"] == left
                assert session.state()["counts"] == {"food": 2 - left}
        with open_labelling(pool, labels) as work:
            assert work.session(blind=False).next() is None

    def test_articles_are_split_where_paragraphs_are_labelled(self, tmp_path: Path) -> None:
        article = "火锅店今天在城东开张了。\n\n球队昨天夺得了冠军。\n\n来源:本报讯\n"
        (tmp_path / "pool.jsonl").write_text(json.dumps({"text": article}), encoding="utf-8")
        (tmp_path / "topics.toml").write_text('[food]\ntitle = "美食"\n', encoding="utf-8")
        whole = "text,topics\n" + f'"{article}",food\n' * 2
        for labels, split, expected in (("", None, 2), (whole, None, 1), (whole, True, 2), ("", False, 1)):
            (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
            with open_labelling(tmp_path / "pool.jsonl", tmp_path / "labels.csv", split=split) as work:
                assert len(work.pool) == expected
                assert all((text.paragraph is None) == (expected == 1) for text in work.pool)

    def test_an_empty_pool_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "pool.jsonl").write_text('{"text": " "}\n', encoding="utf-8")
        with (
            pytest.raises(DataError, match="has no text to label"),
            open_labelling(tmp_path / "pool.jsonl", tmp_path / "labels.csv"),
        ):
            pass


EXAMPLES = [
    Example(f"{word}{end}", (topic,)) for topic, word in (("food", "火锅"), ("sport", "球队")) for end in "一二三四"
]


@pytest.mark.parametrize("mode", get_args(Mode))
def test_a_model_guesses_and_puts_texts_in_order(mode: Mode) -> None:
    learnt = learn(EXAMPLES, TOPICS, ["火锅好吃", "球队赢了", "火锅球队", "天气"], mode)
    assert learnt is not None
    assert learnt.topics == ("food", "sport")
    assert learnt.probability[0, 0] > learnt.probability[0, 1]
    assert sorted(learnt.order.tolist()) == [0, 1, 2, 3]
    (evidence,) = learnt.evidence[0]
    assert (evidence.topic, evidence.stretches[0].start) == ("food", 0)


def test_what_decided_is_told_of_texts_that_are_asked_about_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tagger.labelling.learning._ORDERED", 1)
    texts = ["火锅好吃", "球队赢了", "火锅球队", "火锅火锅"]
    learnt = learn(EXAMPLES, TOPICS, texts, "one", [3])
    assert learnt is not None
    assert {*learnt.evidence} == {*learnt.order.tolist(), 3}


def test_what_more_labels_bring_is_told_where_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert foresee([Example("火锅", ("food", "sport"))], TOPICS, "one") is None
    assert foresee(EXAMPLES, TOPICS, "any") is None
    told = Outlook(((10, 0.5), (80, 0.75)), (Gain(50, 0.02, 0.01, 0.03),), exclusive=False)
    monkeypatch.setattr("tagger.labelling.learning.look_ahead", lambda *_: told)
    found = foresee(EXAMPLES, TOPICS, "any")
    assert found is told
    assert found.of_next() == (
        "F1 is about 0.75 by folds; 50 more labels, taken at random, would bring about +0.020 (+0.010 to +0.030)"
    )
    assert replace(told, gains=()).of_next() == ""


def test_it_is_time_to_look_ahead_when_there_are_clearly_more_labels(session: Session) -> None:
    learner = Learner(session, POOL, [], "any")
    times = []
    for number in range(1200):
        if learner._is_time_to_foresee(number):
            learner._foreseen_from = number
            times.append(number)
    assert times == [80, 130, 180, 230, 280, 330, 380, 430, 480, 530, 583, 642, 707, 778, 856, 942, 1037, 1141]


def test_no_example_teaches_nothing() -> None:
    assert learn([], TOPICS, ["火锅好吃"], "any") is None


def test_each_topic_asks_in_turn_for_what_is_nearest_to_its_border() -> None:
    probability = np.array([[0.99, 0.01], [0.6, 0.4], [0.5, 0.2], [0.1, 0.31]])
    border = _border(probability, np.array([0.5, 0.3]), exclusive=False)
    assert border.argmin(axis=0).tolist() == [2, 3]
    assert _in_turn(border, np.array([9, 1]), 3).tolist() == [3, 2, 1]
    assert _in_turn(border, np.array([9, 1]), 99).tolist() == [3, 2, 1, 0]
    one = _border(probability, np.array([0.0, 0.0]), exclusive=True)
    assert one.argmin(axis=0).tolist() == [1, 1]


@pytest.mark.full
def test_a_model_learns_while_one_labels(session: Session) -> None:
    many = [replace(example, text=f"{example.text}{n}") for example in EXAMPLES for n in range(12)]
    with Learner(session, POOL, many, "any") as learner:
        session.watch(learner.wake)
        for _ in range(600):
            if session.outlook is not None:
                break
            time.sleep(0.1)
        assert str(session.state()["ahead"]).startswith("F1 is about ")
        keys = [item.key for _ in range(20) if (item := session.next()) is not None]
        guessed = next(guess for key in keys if (guess := session.item(key).guess) is not None and guess.topics)
        assert guessed.evidence[0].topic == guessed.topics[0]
        assert {*session._guesses} == {*session._items}
        item = session.next()
        assert item is not None
        assert item.guess is not None
        session.decide(item.key, ["food"])  # one decision is no reason to learn again
    assert learner.version == 1


def test_what_cannot_be_learnt_yet_changes_nothing(session: Session) -> None:
    learner = Learner(session, POOL, [], "any")
    learner._tell(None)
    assert learner.version == 0
    item = session.next()
    assert item is not None
    assert item.guess is None


@pytest.mark.full
def test_a_process_that_learns_ends_at_once_where_the_one_that_started_it_is_gone() -> None:
    gone = (1_000_000_000,)  # no process has such a number
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_calm, initargs=gone) as process:
        task = process.submit(time.sleep, 60)
        with pytest.raises(BrokenProcessPool):
            task.result(timeout=30)


def test_a_process_that_learns_ends_with_the_one_that_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parents, left = [7, 7, 1], list[int]()
    monkeypatch.setattr("os.getppid", lambda: parents.pop(0))
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr("os._exit", left.append)
    _end_with_parent(7)
    assert (parents, left) == ([], [1])


@pytest.mark.full
def test_a_process_that_is_killed_while_it_learns_is_followed_by_another(session: Session) -> None:
    others = multiprocessing.active_children()
    with Learner(session, POOL, EXAMPLES, "any") as learner:
        session.watch(learner.wake)
        for _ in range(600):
            if learner.version:
                break
            time.sleep(0.1)
        (child,) = [child for child in multiprocessing.active_children() if child not in others]
        child.kill()
        child.join()
        learner._learnt_from = -99
        learner.wake()
        for _ in range(600):
            learner.wake()
            if learner.version > 1:
                break
            learner._learnt_from = -99 if learner.version == 1 else learner._learnt_from
            time.sleep(0.1)
    assert learner.version > 1


@pytest.mark.full
def test_a_model_that_still_learns_is_ended(session: Session) -> None:
    began = time.monotonic()
    many = [Example(f"{e.text}{number}", e.topics) for e in EXAMPLES for number in range(2000)]
    with Learner(session, POOL, many, "any") as learner:
        time.sleep(0.5)
    assert learner.version == 0
    assert time.monotonic() - began < 60


def test_what_comes_out_can_be_trained_on(path: Path, session: Session) -> None:
    for item in iter(session.next, None):
        session.decide(item.key, ["food"] if "火锅" in item.example.text or "面" in item.example.text else [])
    assert session.save() == ""
    dataset = read_dataset(path)
    assert sorted((e.text, e.topics) for e in dataset.examples) == sorted(
        (e.text, ("food",) if e.text in {"火锅开张", "面馆排队"} else ()) for e in POOL
    )

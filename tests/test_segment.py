import pickle
import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given, settings
from strategies import han_text, hard_text

import tagger
from tagger.errors import SettingsError
from tagger.segment import Dictionary, Segmenter, open_segmenter, suggest_dictionary
from tagger.text import normalise

WORDS = ("反诈中心", "电信网络诈骗", "从优待警", "移车", "app诈骗")


@pytest.fixture(scope="module")
def reference(shipped: tagger.Tagger) -> Segmenter:
    return open_segmenter("jieba", shipped.model.dictionary)


def test_the_seeds_have_the_same_words_in_both_engines(
    seed_texts: list[str], segmenter: Segmenter, reference: Segmenter
) -> None:
    for text in map(normalise, seed_texts):
        assert segmenter.words(text) == reference.words(text)


@settings(max_examples=500)
@given(han_text)
def test_han_text_has_the_same_words_in_both_engines(text: str) -> None:
    dictionary = tagger.load().model.dictionary
    assert open_segmenter("rjieba", dictionary).words(text) == open_segmenter("jieba", dictionary).words(text)


def test_keywords_side_by_side_have_the_same_words_in_both_engines(
    shipped: tagger.Tagger, segmenter: Segmenter, reference: Segmenter
) -> None:
    keywords = [normalise(word) for topic in shipped.model.topics for word in topic.keywords]
    for first, second in product(keywords, repeat=2):
        assert segmenter.words(first + second) == reference.words(first + second)


@given(hard_text)
def test_words_joined_are_the_text_again(text: str) -> None:
    segmenter = open_segmenter("auto")
    normalised = normalise(text)
    assert "".join(segmenter.words(normalised)) == normalised
    assert segmenter.lengths(normalised).sum() == len(normalised)


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_entered_words_are_kept_whole(engine: str) -> None:
    dictionary = suggest_dictionary(WORDS)
    segmenter = open_segmenter(engine, dictionary)
    assert [segmenter.words(word) for word in WORDS] == [[word] for word in WORDS]


def test_both_engines_suggest_the_same_frequencies() -> None:
    assert suggest_dictionary(WORDS, engine="rjieba") == suggest_dictionary(WORDS, engine="jieba")


def test_a_word_that_is_whole_already_or_cannot_be_found_is_not_entered() -> None:
    assert suggest_dictionary(["诈骗", "诈", "反 诈", "“反诈”", "𠮷野家"]) == ()


@pytest.mark.parametrize("word", ["移车", "中国", "办理"])
def test_a_known_word_entered_again_leaves_both_totals_equal(word: str) -> None:
    dictionary: Dictionary = ((word, 50_000_000),)
    text = "办理中国移车的人民公安机关"
    assert open_segmenter("rjieba", dictionary).words(text) == open_segmenter("jieba", dictionary).words(text)
    plain, entered = open_segmenter("jieba")._engine, open_segmenter("jieba", dictionary)._engine
    assert entered.total == plain.total - plain.FREQ.get(word, 0) + 50_000_000


def test_a_process_opens_each_segmenter_once() -> None:
    assert open_segmenter("auto", (("反诈中心", 10),)) is open_segmenter("auto", (("反诈中心", 10),))


def test_a_pickled_segmenter_keeps_its_dictionary() -> None:
    segmenter = open_segmenter("auto", (("反诈中心", 10),))
    assert pickle.loads(pickle.dumps(segmenter)).words("反诈中心") == ["反诈中心"]


def test_without_rjieba_jieba_takes_its_place() -> None:
    code = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'rjieba' else find(name, *rest)\n"
        "from tagger.segment import open_segmenter\n"
        "print(open_segmenter('auto').words('打击电信网络诈骗'), 'rjieba' in sys.modules)\n"
        "try: open_segmenter('rjieba')\n"
        "except Exception as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines() == [
        "['打击', '电信', '网络', '诈骗'] False",
        "the segmenter rjieba is not installed: pip install rjieba, or set engine to 'auto'",
    ]


def test_an_engine_that_is_missing_is_an_error() -> None:
    with pytest.raises(SettingsError, match="not installed"):
        open_segmenter("nojieba")

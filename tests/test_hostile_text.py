"""Text made to break something: no crash, offsets that are right, time and memory in proportion to its length."""

import math
import time
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import hard_text

import tagger
from tagger.text import normalise, split_paragraphs

# What is repeated, by what is hard about it.
KINDS = {
    "no break": "民警劝阻了转账",
    "supplementary planes": "𠮷𪚥𰻞\U0002ebf0\U000323af",
    "unassigned": "\u0378\U000e0080\U0003fffd\uffff",
    "private use": "\ue000\uf8ff\U000f0000\U0010ffff",
    "bidi": "\u202e民\u2066警\u2069\u200f",
    "zero width": "民\u200b警\u200d劝\u2060阻\ufeff",
    "combining flood": "警" + "\u0301\u0323" * 20,
    "variation selectors": "葛\ufe00\U000e0100\U000e01ef",
    "halves of characters": "\ud800警\udfff",
    "tags": "<p><b>民警</b>",
    "tags that never end": "<p <a href='",
    "references": "&amp;&#x6C11;&#99999999;&nbsp",
    "lines": "民\n\r\n\u2028\u0085",
    "spaces": " \u3000\t\xa0",
    "digits and letters": "ａＢ１2",
    "punctuation": "，。！？“”…",
    "nothing visible": "\x00\x1b\x7f\u00ad",
}
HOSTILE = st.lists(st.one_of(hard_text, st.sampled_from(list(KINDS.values())), st.text(max_size=5)), max_size=30).map(
    "".join
)


def check(model: tagger.Tagger, text: str) -> None:
    """See that a text is tagged, with offsets into itself and probabilities that can be."""
    article = model.tag(text)
    for paragraph in article.paragraphs:
        assert 0 <= paragraph.start < paragraph.end <= len(text)
        assert paragraph.pieces[0][0] == paragraph.start
        assert paragraph.pieces[-1][1] >= paragraph.pieces[-1][0]
        assert all(end <= following for (_, end), (following, _) in pairwise(paragraph.pieces))
        assert all(0 <= value <= 1 for value in paragraph.probabilities.values())
    assert all(one.end <= other.start for one, other in pairwise(article.paragraphs))
    assert all(0 <= value <= 1 for value in article.probabilities.values())


@given(HOSTILE)
def test_hostile_text_is_tagged_with_right_offsets(tiny: tagger.Tagger, text: str) -> None:
    check(tiny, text)


@given(HOSTILE)
def test_hostile_text_is_explained_by_places_in_it(shipped: tagger.Tagger, text: str) -> None:
    for found in shipped.explain(text):
        assert math.isclose(sum(c.value for c in found.contributions) + found.bias, found.score, abs_tol=1e-6)
        for contribution in found.contributions:
            assert all(0 <= start < end <= len(text) for start, end in contribution.places)


@given(HOSTILE)
def test_normalising_hostile_text_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.full
@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(HOSTILE)
def test_very_much_hostile_text_is_tagged(tiny: tagger.Tagger, text: str) -> None:
    check(tiny, text)


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_memory_and_time_grow_with_the_length_of_a_text(tiny: tagger.Tagger, kind: str) -> None:
    taken, seconds = [], []
    for length in (20_000, 160_000):
        text = (KINDS[kind] * (length // len(KINDS[kind]) + 1))[:length]
        tracemalloc.start()
        tiny.tag(text)
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        began = time.process_time()
        tiny.tag(text)
        seconds.append(time.process_time() - began)
    # Eight times as long: quadratic would be 64 times.
    assert taken[1] < 12 * taken[0]
    assert seconds[1] < 30 * max(seconds[0], 0.02)
    assert taken[1] < 2000 * 160_000


@pytest.mark.full
@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_ten_million_characters_without_an_end_are_tagged(tiny: tagger.Tagger, kind: str) -> None:
    text = (KINDS[kind] * (10_000_000 // len(KINDS[kind]) + 1))[:10_000_000]
    began = time.process_time()
    tiny.tag(text)
    assert time.process_time() - began < 120
    assert split_paragraphs(text) == split_paragraphs(text)

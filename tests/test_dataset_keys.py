"""A key changes where a text or its topics do."""

from tagger.dataset.keys import example_key
from tagger.records import Example


def test_a_key_is_of_the_text_and_its_topics_in_any_order() -> None:
    key = example_key(Example("办事", ("b", "a"), line=3))
    assert key == example_key(Example("办事", ("a", "b"), document="x"))
    assert len({key, example_key(Example("办事", ("a",))), example_key(Example("办事 ", ("a", "b")))}) == 3
    assert len(key) == 12

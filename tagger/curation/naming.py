"""What people call topics in a decision → the topics, and what a label file calls them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tagger.dataset.cells import name_key
from tagger.dataset.topics import nearest
from tagger.messages import _, joined
from tagger.records import Topic

__all__ = ["Names", "UnknownTopicError"]

# What may stand between several topics; what is tried first is the surest.
_SEPARATORS = (r"[|｜]", r"[|｜、,，;；#+\t\n]", r"[|｜、,，;；#+\t\n/& \u3000]")


class UnknownTopicError(Exception):
    """Raised for a topic that neither the labels nor the list of topics have, with what to do."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Names:
    """The topics of a label file, which may be named by name or title; `declared` are those of a topics.toml."""

    def __init__(self, in_file: Sequence[str], declared: Sequence[Topic]) -> None:
        self._of = {name_key(name): name for name in in_file}
        self._of |= {name_key(topic.title): topic.name for topic in declared}
        self._of |= {name_key(topic.name): topic.name for topic in declared}
        self._in_file: dict[str, str] = {}
        for name in in_file:
            self._in_file.setdefault(self.of(name), name)
        titled = [topic for topic in declared if topic.title != topic.name]
        by_title = sum(self._in_file.get(topic.name) == topic.title for topic in titled)
        if by_title > sum(self._in_file.get(topic.name) == topic.name for topic in titled):
            for topic in titled:
                self._in_file.setdefault(topic.name, topic.title)

    def knows(self, name: str) -> bool:
        """Return whether there is a topic of this name or title."""
        return name_key(name) in self._of

    def of(self, name: str) -> str:
        """Return the topic that a name or title in the file stands for."""
        return self._of[name_key(name)]

    def in_file(self, topic: str) -> str:
        """Return what the file calls a topic, or would call it, by its way with the others."""
        return self._in_file.get(topic, topic)

    def read(self, given: str | Sequence[str]) -> tuple[str, ...]:
        """Return the topics that a cell names, several parted by | or what else people put there.

        Raises:
            UnknownTopicError: when one of them is not known.
        """
        tried = [[given], *(re.split(sign, given) for sign in _SEPARATORS)] if isinstance(given, str) else [[*given]]
        for names in tried:
            found = [name.strip() for name in names if name.strip()]
            if all(map(self.knows, found)):
                return tuple(dict.fromkeys(map(self.of, found)))
        wrong = next(name for name in map(str.strip, tried[min(1, len(tried) - 1)]) if not self.knows(name))
        known = sorted(set(self._of.values()))
        hint = nearest(wrong, known) or _("; known are {topics}", topics=joined(known[:20]))
        raise UnknownTopicError(
            _(
                "unknown topic {topic!r}{hint}; a new one goes into topics.toml first; other decisions are 改, 对, 无 "
                "and 拿不准",
                topic=wrong,
                hint=hint,
            )
        )

"""Articles of a report, one after another → the counts that its overview shows, whatever their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Literal

from tagger.pages.entries import DOUBTFUL, SURE, Article

__all__ = ["Overview", "Timeline"]

# Dates as long as this are shown day by day, longer ones by month, those longer than that by year.
_DAYS, _MONTHS = 62, 72


@dataclass(frozen=True)
class Timeline:
    """Articles by time: `steps` are the days, months or years in order, `counts` the numbers of each topic in each."""

    unit: Literal["day", "month", "year"]
    steps: tuple[str, ...]
    counts: dict[str | None, tuple[int, ...]]

    @property
    def most(self) -> int:
        """The highest number of articles of a topic in one step."""
        return max((max(numbers) for numbers in self.counts.values()), default=0)


@dataclass
class Overview:
    """What a report counts; None stands for no topic.

    Attributes:
        articles, paragraphs: how many there are; furniture of pages is none of them.
        of_articles, of_paragraphs: how many have each topic.
        article_sureness, paragraph_sureness: how many are "sure", "fairly" sure and "doubtful".
        undated: articles without a date.
    """

    articles: int = 0
    paragraphs: int = 0
    of_articles: Counter[str | None] = field(default_factory=Counter)
    of_paragraphs: Counter[str | None] = field(default_factory=Counter)
    article_sureness: Counter[str] = field(default_factory=Counter)
    paragraph_sureness: Counter[str] = field(default_factory=Counter)
    undated: int = 0
    _dates: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def add(self, article: Article) -> None:
        """Count an article."""
        topics = article.topics or (None,)
        self.articles += 1
        self.of_articles.update(topics)
        self.article_sureness[_class(article.sureness)] += 1
        for paragraph in article.paragraphs:
            if not paragraph.furniture:
                self.paragraphs += 1
                self.of_paragraphs.update(paragraph.topics or (None,))
                self.paragraph_sureness[_class(paragraph.sureness)] += 1
        if article.date:
            self._dates.update((article.date, topic) for topic in topics)
        else:
            self.undated += 1

    def timeline(self, topics: Sequence[str | None]) -> Timeline | None:
        """Return how many articles of each of these topics, and of none, there are over time; None without dates."""
        dates = sorted({when for when, _ in self._dates})
        if not dates:
            return None
        # A month without a day is in no day.
        days = [] if any(len(when) == len("2024-03") for when in dates) else _days(dates[0], dates[-1])
        months = list(islice(_months(dates[0], dates[-1]), _MONTHS + 1))
        if days and len(days) <= _DAYS:
            unit, steps = "day", days
        elif len(months) <= _MONTHS:
            unit, steps = "month", months
        else:
            unit, steps = "year", [str(year) for year in range(int(dates[0][:4]), int(dates[-1][:4]) + 1)]
        counted: Counter[tuple[str, str | None]] = Counter()
        for (when, topic), number in self._dates.items():
            counted[when[: len(steps[0])], topic] += number
        counts = {topic: tuple(counted[step, topic] for step in steps) for topic in topics}
        return Timeline(unit, tuple(steps), counts)  # type: ignore[arg-type]


def _class(sureness: float) -> str:
    return "sure" if sureness >= SURE else "fairly" if sureness >= DOUBTFUL else "doubtful"


def _months(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:7])
    while (step := f"{year}-{month:02}") <= last[:7]:
        yield step
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _days(first: str, last: str) -> list[str]:
    """List the days from one to another, no more than are shown and one."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(begin + timedelta(days=n)) for n in range(min((end - begin).days, _DAYS) + 1)]

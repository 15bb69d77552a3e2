"""The words of pages, in each of their languages."""

from __future__ import annotations

from collections.abc import Mapping

from tagger.messages import N_, translated

__all__ = ["LANGUAGES", "reason_in", "words_in"]

LANGUAGES = ("zh", "en")

# As HTML names them.
_TAGS = {"zh": "zh-Hans", "en": "en"}

# {…} is filled in where the word is used.
_WORDS = {
    "title": N_("Topics report"),
    "skip": N_("Skip to the list of articles"),
    "overview": N_("Overview"),
    "articles": N_("Articles"),
    "paragraphs": N_("Paragraphs"),
    "topic": N_("Topic"),
    "no_topic": N_("No topic"),
    "articles_read": N_("articles"),
    "paragraphs_read": N_("paragraphs"),
    "share_without": N_("of the articles have no topic"),
    "paragraphs_doubtful": N_("doubtful paragraphs"),
    "rejected": N_("could not be read"),
    "by_topic": N_("How much of each topic"),
    "by_topic_note": N_(
        "Articles and paragraphs may have several topics, so that the rows may add up to more than all."
    ),
    "one_topic_note": N_("An article has one topic at most."),
    "over_time": N_("Over time"),
    "over_time_note": N_("Each bar is the number of articles of a topic in {unit}; the highest is {most}. {undated}"),
    "undated": N_("{n} articles have no date that could be read and are left out."),
    "day": N_("a day"),
    "month": N_("a month"),
    "year": N_("a year"),
    "time": N_("Time"),
    "table": N_("As a table"),
    "peak": N_("{title}: most in {when}, {n} articles"),
    "never": N_("{title}: none"),
    "sureness": N_("Sureness"),
    "how_sure": N_("How sure"),
    "sureness_note": N_(
        "How probably a decision is right: a topic that was given, or one that was not. The lowest of them counts."
    ),
    "sure": N_("sure"),
    "fairly": N_("fairly sure"),
    "doubtful": N_("doubtful"),
    "sure_range": N_("90% and above"),
    "fairly_range": N_("70%–89%"),
    "doubtful_range": N_("below 70%"),
    "not_read": N_("What could not be read"),
    "not_read_more": N_("{n} more are not listed."),
    "reading": N_("How to read it"),
    "reading_lines": N_("Underlined words decided: the thicker, the more; each topic has a line of its own."),
    "reading_keys": N_(
        "Point at underlined words, tap them, or reach them by Tab and the arrow keys, to see how much they count."
    ),
    "reading_context": N_(
        "Paragraphs are judged by their neighbours too, so that one with few lines may have a topic."
    ),
    "reading_furniture": N_(
        "Small faint text stands on the page without being the article: dates, editors, share lines."
    ),
    "furniture": N_("page furniture"),
    "partial": N_(
        "More articles than a page can hold: the overview counts all {all}, below are the {kept} most doubtful."
    ),
    "list": N_("Articles and paragraphs"),
    "filters": N_("Filter"),
    "any": N_("all"),
    "from": N_("From"),
    "to": N_("To"),
    "search": N_("Search"),
    "search_hint": N_("words of title or text"),
    "order": N_("Order"),
    "order_given": N_("as given"),
    "order_doubt": N_("most doubtful first"),
    "order_new": N_("newest first"),
    "reset": N_("Clear"),
    "print": N_("Print"),
    "tab_articles": N_("Articles {n}"),
    "tab_doubtful": N_("Doubtful paragraphs {n}"),
    "found": N_("{n} of {all} articles"),
    "nothing": N_("Nothing fits. Clear some of the filters."),
    "page": N_("{from}–{to} of {n}"),
    "previous": N_("Previous"),
    "next": N_("Next"),
    "pages": N_("Pages"),
    "some_doubtful": N_("{n} doubtful"),
    "number": N_("¶ {n}"),
    "perhaps": N_("perhaps {title} {p}%"),
    "given": N_("{title} {p}%"),
    "counts": N_("{title} +{value}, {share}% of what is underlined"),
    "show_article": N_("Whole article: "),
    "more_paragraphs": N_("{n} more paragraphs"),
    "empty_article": N_("No text."),
    "no_script": N_("The list of articles needs JavaScript; the overview does not."),
    "evaluation": N_("Evaluation"),
    "verdict": N_("Verdict"),
    "by_topic_verdict": N_("Topic by topic"),
    "what_to_say": N_("What to make of it"),
    "examples": N_("Examples"),
    "precision": N_("Precision"),
    "recall": N_("Recall"),
    "macro": N_("Macro"),
    "micro": N_("Micro"),
    "terms": N_(
        "Precision: the share of topics given that is right. Recall: the share of those to be given that was. "
        "F1: the harmonic mean of both. In brackets, 95% intervals."
    ),
    "thresholds": N_("What another threshold would do"),
    "thresholds_note": N_(
        "A topic is given from its threshold on. A higher one gives fewer, surer ones; a lower one misses fewer. "
        "Move the slider, by arrow keys too."
    ),
    "threshold": N_("Threshold"),
    "told": N_(
        "{title} from {threshold}: given to {given}, {right} right, {wrong} wrong, {missed} missed; "
        "precision {precision}, recall {recall}."
    ),
    "plot": N_("Curve of precision against recall"),
    "plot_note": N_("The dot is where the tagger is now, the cross what the slider has chosen."),
    "reliable": N_("Are probabilities right"),
    "reliable_note": N_(
        "Of topics that are 90% probable nine of ten should be right: the closer both columns, the better."
    ),
    "probability": N_("Probability"),
    "times": N_("Count"),
    "mean": N_("Mean probability"),
    "right": N_("Right"),
    "length": N_("Length of texts"),
    "texts": N_("Texts"),
    "given_topics": N_("Topics given"),
    "short": N_("below 20 characters"),
    "middling": N_("20–79 characters"),
    "long": N_("80 characters and more"),
    "confusion": N_("What was taken for what"),
    "confusion_note": N_("Rows are what is labelled, columns what was given."),
    "really": N_("Labelled \\ given"),
    "learning": N_("Would more labels help"),
    "documents": N_("Documents trained on"),
    "errors": N_("The worst errors"),
    "errors_note": N_(
        "{all} were wrong; here are the {shown} that were surest. Where a label is wrong, mend it on the line named."
    ),
    "no_errors": N_("Nothing was wrong."),
    "labelled": N_("Labelled:"),
    "predicted": N_("Given:"),
    "speaks_for": N_("for:"),
    "speaks_against": N_("against:"),
    "comma": N_(", "),
    "signature": N_("Measured by:"),
    "made_by": N_("Made by Tagger {version} with the model {model}. All of it is in this file; nothing is fetched."),
}

# The categories of `tagger.batch`, by which what could not be tagged is counted.
_REASONS = frozenset(
    [
        N_("broken JSON"),
        N_("field taken"),
        N_("file too long"),
        N_("line too long"),
        N_("no text"),
        N_("not UTF-8"),
        N_("not a JSON object"),
        N_("not a record"),
        N_("text is not a string"),
        N_("text too long"),
        N_("unreadable file"),
    ]
)


def words_in(language: str) -> Mapping[str, str]:
    """Return the words of pages in one of `LANGUAGES`.

    >>> words_in("en")["reset"]
    'Clear'
    """
    return {"lang": _TAGS[language]} | {name: translated(text, language) for name, text in _WORDS.items()}


def reason_in(language: str, category: str) -> str:
    """Return why something could not be tagged, in a language; as the library says it where it has no other word.

    >>> reason_in("en", "no text")
    'no text'
    """
    return translated(category, language) if category in _REASONS else category

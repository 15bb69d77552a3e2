"""The usual recipe's tokenizer, in a module of its own so that a pickled pipeline finds it again."""

from __future__ import annotations

import logging

import jieba

__all__ = ["cut", "spaced"]

jieba.setLogLevel(logging.WARNING)


def cut(text: str) -> list[str]:
    """Cut text as `jieba.lcut` does with its defaults; jieba.lcut itself holds a lock and cannot be pickled."""
    return list(jieba.lcut(text))


def spaced(text: str) -> str:
    """Give words parted by spaces, as fastText takes them."""
    return " ".join(jieba.lcut(text))

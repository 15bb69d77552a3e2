"""What tells whether an example is still the one that was looked at."""

from __future__ import annotations

from hashlib import sha256

from tagger.records import Example

__all__ = ["example_key"]


def example_key(example: Example) -> str:
    """Return a k and eleven hexadecimal digits of a hash of an example's text and topics, the same on every machine.

    The k keeps a spreadsheet from taking a key for a number, as it would 1e5 and 007.
    """
    parts = (example.text, *sorted(example.topics))
    return "k" + sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:11]

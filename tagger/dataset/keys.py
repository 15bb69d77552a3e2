"""What tells whether an example is still the one that was looked at."""

from __future__ import annotations

from hashlib import sha256

from tagger.records import Example

__all__ = ["example_key"]


def example_key(example: Example) -> str:
    """Return twelve hexadecimal digits of a hash of an example's text and topics, the same on every machine."""
    parts = (example.text, *sorted(example.topics))
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]

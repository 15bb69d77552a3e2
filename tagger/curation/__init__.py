"""Which labels look wrong, what to label next, and what was decided about it → better labels."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tagger.curation.applying import Applied, Changed, RefusedRow, apply_findings

_ROOMS = {
    "Applied": "applying",
    "Changed": "applying",
    "RefusedRow": "applying",
    "apply_findings": "applying",
}

__all__ = ["Applied", "Changed", "RefusedRow", "apply_findings"]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: deciding about findings never loads what found them."""
    if name in _ROOMS:
        return getattr(import_module(f"tagger.curation.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

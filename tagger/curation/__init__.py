"""Which labels look wrong, what to label next, and what was decided about it → better labels."""

from tagger.curation.applying import Applied, Changed, RefusedRow, apply_findings

__all__ = ["Applied", "Changed", "RefusedRow", "apply_findings"]

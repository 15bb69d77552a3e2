"""Marks for tests that need an extra, which an installation may lack."""

from importlib.util import find_spec

import pytest

__all__ = ["needs_workbooks"]

needs_workbooks = pytest.mark.skipif(
    find_spec("xlsxwriter") is None or find_spec("python_calamine") is None,
    reason="no workbooks without their extra: pip install 'tagger-zh[excel]'",
)

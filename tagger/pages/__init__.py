"""Articles and evaluations → pages that people look at: one HTML file each, which fetches nothing from anywhere.

Pages about evaluations are in `tagger.pages.evaluation`, which loads what trains; those about articles do without.
"""

from tagger.pages.report import ReportOptions, write_report
from tagger.pages.words import LANGUAGES
from tagger.pages.writing import check_page

__all__ = ["LANGUAGES", "ReportOptions", "check_page", "write_report"]

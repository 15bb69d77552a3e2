"""Articles → pages that people look at: one HTML file each, which fetches nothing from anywhere."""

from tagger.pages.report import ReportOptions, write_report
from tagger.pages.words import LANGUAGES

__all__ = ["LANGUAGES", "ReportOptions", "write_report"]

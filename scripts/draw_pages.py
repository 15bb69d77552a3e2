"""Draw the pictures of a report that documents show: python scripts/draw_pages.py, with Chromium and its fonts.

The report is that of the five seed articles, by the shipped model.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from browser import open_browser, what_is_missing  # noqa: E402 - found by the line above

from tagger.pages import write_report  # noqa: E402 - likewise

# In CSS pixels: the overview, and half as much of an article.
_WIDTH, _WHOLE, _PART = 1120, 800, 560
# The last of the articles, opened, and what one of its stretches counts.
_OPEN = """
const button = document.querySelectorAll("#panel h3 button")[4];
button.click();
button.closest(".row").querySelectorAll(".p")[7].scrollIntoView({ block: "start", behavior: "instant" });
"""
_TELL = "document.querySelectorAll('#panel .e.w3')[1].focus({ preventScroll: true })"


def main() -> None:
    """Write docs/report.png and docs/report-article.png."""
    if missing := what_is_missing():
        sys.exit(missing)
    with tempfile.TemporaryDirectory() as folder, open_browser(Path(folder) / "browser") as browser:
        page = Path(folder) / "report.html"
        write_report([str(path.relative_to(Path.cwd())) for path in sorted((ROOT / "seeds").glob("*.txt"))], page)
        browser.resize(_WIDTH, _WHOLE)
        browser.open(page)
        browser.driver.save_screenshot(str(ROOT / "docs" / "report.png"))
        browser.resize(_WIDTH, _PART)
        browser.run(_OPEN)
        browser.run_later("setTimeout(arguments[0], 300)")
        browser.run(_TELL)
        browser.driver.save_screenshot(str(ROOT / "docs" / "report-article.png"))


if __name__ == "__main__":
    main()

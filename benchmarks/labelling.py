"""Print how well the labelling loop works: python benchmarks/labelling.py TABLE.

    wrong-labels    errors planted into labels, and how well they are found, beside cleanlab
    copies          rewritten texts, and how many are found, beside datasketch
    what-next       a simulated annotator: labels that a share of the full quality takes, beside small-text
    keywords        words proposed for each topic of the project's own labels, for people to judge

The public sets are in the folder that TAGGER_BENCH names. Results go to benchmarks/results/labelling.json; what is
measured again takes the place of what was stored.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from curation import keyword_lists, near_copies, what_next, wrong_labels

RESULTS = Path(__file__).parent / "results" / "labelling.json"
SEEDS = (0, 1, 2)
TABLES = {
    "wrong-labels": wrong_labels,
    "copies": near_copies,
    "what-next": what_next,
    "keywords": keyword_lists,
}


def main() -> None:
    """Measure, store, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--set", action="append", dest="names", help="all where none")
    parser.add_argument("--seed", action="append", type=int, dest="seeds", help="0, 1 and 2 where none")
    parser.add_argument("--size", type=int, help="draw no more examples of a set; for wrong-labels and copies")
    parser.add_argument("--show", action="store_true", help="print what is stored, and measure nothing")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    stored = results.setdefault(options.table, {})
    table = TABLES[options.table]
    how = {} if options.size is None else {"size": options.size}
    for key, found in () if options.show else table.measure(options.names, seeds=options.seeds or SEEDS, **how):
        stored[key] = found
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(*table.table(stored), sep="\n")


if __name__ == "__main__":
    main()

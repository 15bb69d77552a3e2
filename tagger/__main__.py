"""Entry point of `tagger` and `python -m tagger`."""

from tagger.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="tagger")

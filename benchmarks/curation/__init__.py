"""The parts of benchmarks/labelling.py: what is planted, searched and timed, a module for each table."""

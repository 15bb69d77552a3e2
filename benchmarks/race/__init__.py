"""The parts of benchmarks/speed.py: labelled sets and texts, rivals, their processes, figures, tables, chart."""

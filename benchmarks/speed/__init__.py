"""The parts of benchmarks/run_speed.py: labelled sets and texts, rivals, their processes, figures, tables, chart."""

"""The parts of benchmarks/run_accuracy.py: public sets and draws from them, methods, what they score, tables."""

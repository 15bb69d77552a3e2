"""The parts of benchmarks/accuracy.py: public sets and draws from them, methods, what they score, tables."""

"""Counted rows × weights → scores → probabilities → topics; paragraphs among others; thresholds."""

"""What to do to labels next: which look wrong, what to label, which keywords to add."""

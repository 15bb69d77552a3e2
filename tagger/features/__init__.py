"""Text → counted features → TF-IDF rows; the vocabulary that knows them, and words."""

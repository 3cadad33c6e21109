"""Training data: the calendar, digits and coreference tasks, pairs from a file; vocabulary, batches."""

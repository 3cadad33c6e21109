"""Training data: the calendar, digits and coreference, pairs from a file; tokens, batches."""

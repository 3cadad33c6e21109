"""What the models are trained on: sentence pairs, words as ids, batches, a corpus of our own."""

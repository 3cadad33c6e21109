"""What the models are trained on: sentence pairs, made by a grammar or read from a file."""

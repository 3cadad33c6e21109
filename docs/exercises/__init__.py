"""The exercises: a file a chapter, to be filled in, and `python -m docs.exercises` to check it."""

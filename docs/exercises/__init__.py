"""The exercises: one file per chapter to fill in; `python -m docs.exercises` checks them."""

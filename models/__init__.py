"""The course's models, built from scratch on minigrad; `python -m models` trains and shows them."""

"""Showing a trained run: reports, heat maps, graphs and pages; one file per kind of run."""

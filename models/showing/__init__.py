"""What a trained run shows: reports, heat maps, graphs and pages; one file per kind of run."""

"""One way to solve each exercise, and what the checker asks."""

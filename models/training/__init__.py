"""How the models are trained: the training step, runs in folders, and one file per kind of run."""

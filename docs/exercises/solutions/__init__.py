"""One solution per exercise, its checks, and its hint."""

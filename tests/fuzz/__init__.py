"""A fuzzer: random programs in minigrad and in PyTorch, step by step beside each other."""

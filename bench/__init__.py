"""Benchmarks: ours beside what one would use instead, in one run."""

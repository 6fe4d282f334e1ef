"""The statistics: pure functions from additive counts and sums to numbers, one statistic per file.

Counts and sums of several panes are added first and judged afterwards; nothing here needs raw rows,
and nothing here keeps state. NaN means "cannot say": the figure does not exist for these counts (no
rows on one side, a constant label, ...). Too few rows are never an error, so no function raises for
empty counts; it is the caller who leaves a NaN figure out.
"""

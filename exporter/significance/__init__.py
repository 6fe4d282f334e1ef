"""What chance alone does to a figure: null distributions, critical values, p-values.

Pure functions of counts. A figure of a window deserves a warning only where it is larger than what chance makes of the
same number of (independent) rows, at a level that is shared out over everything that is tested.
"""

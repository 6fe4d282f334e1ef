"""The commands of the command line, one module each.

A module has a docstring, whose first line is the command's help; ``add_arguments``, which describes the arguments;
and ``run``, which does the work and returns the exit code. It is entered in ``exporter.cli``.
"""

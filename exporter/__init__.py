"""Driftbell's exporter: prediction logs and late labels in, Prometheus figures out."""

__version__ = "0.1.0"

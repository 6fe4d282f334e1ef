"""Lint of dashboards."""

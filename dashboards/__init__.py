"""Grafana dashboards, generated from the exporter's metrics and the rules."""

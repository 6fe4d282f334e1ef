"""Prometheus rules for every model at once: thresholds, limits and objectives are series, so no rule names a model."""

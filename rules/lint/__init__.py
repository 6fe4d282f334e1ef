"""Lint of rule files, without a server: what would not load, never fire, always fire, or say nothing to whoever is paged."""

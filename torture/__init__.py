"""Campaigns that take too long for the tests: the same checks, many times over, with figures for docs/reliability.md."""

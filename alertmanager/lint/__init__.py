"""Lint of Alertmanager's configuration, without a server: who would hear nothing, too much, or too late."""

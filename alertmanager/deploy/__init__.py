"""Deploying the configuration and its templates: a server runs them, or everything stays as it was."""

"""Deploying: what is generated becomes what a Grafana shows, or everything stays as it was."""

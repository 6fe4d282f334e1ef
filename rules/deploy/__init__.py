"""Deploying: what is generated becomes what a server runs, or everything stays as it was."""

"""Killing the real process while its logs grow, rotate and get compressed, beside one that is never killed."""

"""Watching one slice of time after the other: has the model's error changed, though no single window shows it?"""

"""What outlives the process: one SQLite file, written in one transaction."""

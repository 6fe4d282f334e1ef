"""The stack without containers: the same files, with plain processes on loopback."""

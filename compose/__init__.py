"""The whole stack: in containers, as plain processes, in a cluster."""

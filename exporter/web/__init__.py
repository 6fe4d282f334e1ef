"""The HTTP server, which computes nothing itself."""

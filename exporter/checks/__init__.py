"""What ``check-config`` finds out before anything runs: does the log fit, and what will it cost."""

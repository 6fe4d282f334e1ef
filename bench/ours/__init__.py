"""What of Driftbell is measured, one module each."""

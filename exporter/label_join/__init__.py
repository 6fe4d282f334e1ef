"""Labels find their predictions."""

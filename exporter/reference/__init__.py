"""From training data to a reference profile: read (table), condense (build), write (serialisation), keep (cache)."""

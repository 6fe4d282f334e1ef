"""Everything that is known of one model, and what its windows hold."""

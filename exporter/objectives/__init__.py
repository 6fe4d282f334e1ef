"""Service level objectives: events, budgets and the periods they are counted over."""

"""From sources to rows: one source polled, decoded and accounted for, and how far event time has come."""

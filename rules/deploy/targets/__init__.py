"""Where rules are deployed to."""

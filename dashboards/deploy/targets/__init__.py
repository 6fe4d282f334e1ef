"""Where dashboards are deployed to."""

"""The kinds of panels that the dashboards are made of, and what Grafana calls their options."""

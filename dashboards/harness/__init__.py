"""A page that draws our dashboards with Grafana's published libraries, without a Grafana."""

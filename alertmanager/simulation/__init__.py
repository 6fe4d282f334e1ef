"""What Alertmanager would do with the rules' alerts: who hears of each, at every hour of a week, beside whatever else fires."""

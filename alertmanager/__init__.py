"""Who hears of which alert, when, and what it says: the configuration of Alertmanager, as functions of the rules."""

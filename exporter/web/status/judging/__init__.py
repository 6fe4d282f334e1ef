"""What is wrong at present, by the comparisons that the alert rules make.

Rules see more than one moment: they wait, they compare with last week, and one alert may veto another. Only they decide
about alerts. A module here goes with the module of its name in ``rules/groups``, which this package does not import.
"""

"""False alarms and power: the verdict on one feature, ours beside Evidently's and NannyML's by default."""

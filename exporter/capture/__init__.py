"""References out of logs: the profile that a configuration asks for, and one captured from predictions."""

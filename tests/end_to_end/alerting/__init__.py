"""What tests of alerts from the log to the notification need."""

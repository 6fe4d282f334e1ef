"""The parts of a model's page, each from what is known of the model."""

"""From rows to additive counts: the layout of a model, what a row adds to it, and the panes that keep it."""

"""Unit tests of the rules: what makes each alert fire, as promtool's tests, and mutants of the rules that they must kill."""

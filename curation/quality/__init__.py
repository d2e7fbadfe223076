"""Quality heuristics as a table: signals (code) measure, cards (data) say what is too much."""

"""The stages: one file a rule. Each says yes, or no with a reason."""

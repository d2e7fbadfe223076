"""Suggestions and the index of the training data: judged before display, shown in the editor."""

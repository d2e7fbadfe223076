"""Questions from commits: would a model, with or without memory, have written what came next?"""

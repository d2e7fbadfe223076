"""The commands of `python -m attribution`: thin, over functions that do the work."""

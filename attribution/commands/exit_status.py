"""Exit statuses of the commands, beside 0 and the 2 of a command that could not be run."""

FOUND = 1
UNCHECKED = 3

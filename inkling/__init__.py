"""Inkling: a personal copilot that runs on your own machine.

This package is the ground floor: the contracts that training and serving must agree on. It
imports no heavy library, so every other package may stand on it.
"""

__version__ = "0.1.0"

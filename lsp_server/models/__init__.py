"""Models to serve: a curated list, downloads, the choice, and a look at the machine.

The only code of Inkling that opens a connection to a model hub, and only when told to.
"""

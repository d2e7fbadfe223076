"""Attribution: an index of the training documents that names the source of a text, offline.

Building reads a corpus; queries need NumPy and memory-mapped files only.
"""

"""Several editor windows, one server process: the weights are in memory once.

`inkling lsp --share` is then only a relay between an editor and that process, which it starts if
there is none (the way of gopls's `-remote=auto`).
"""

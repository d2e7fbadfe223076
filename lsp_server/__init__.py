"""From editor to completion engine and back: the language server and `inkling complete`.

The model runs in `lsp_server.engine`; nothing here imports torch or transformers.
"""

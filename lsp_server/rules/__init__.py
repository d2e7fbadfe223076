"""The rules that decide when to ask the model and what of its answer is worth showing.

One pure function a rule, each with a reason code. `asking` and `extent` come before the model,
`rhythm` says how long to wait for the next key, and `polish` runs what comes after it. Nothing here
knows the protocol or the engine's inside.
"""

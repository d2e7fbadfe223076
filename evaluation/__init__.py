"""Evaluation: what a served model is worth on code that it never saw, and how fast it answers.

`fim` measures completion of held-out lines beside a baseline without a neural net; `latency`
measures the server on this machine. Nothing else of Inkling imports this package, except
`finetune`'s gate and `quantize`'s report.
"""

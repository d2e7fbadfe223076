"""Checkpoint to bundle: GGUF conversion, quantization, and a report of what it cost in quality.

`bundle_writer.write_bundle` is the way in; `python -m quantize` is its command line.
"""

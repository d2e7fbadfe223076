"""Curation: raw files become curated documents, and every dropped one has a reason.

The stages are datatrove steps over one record type and run under its executors. Importing this
package imports nothing heavy; `curation.corpus` is the contract that other packages read.
"""

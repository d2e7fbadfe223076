"""Redaction: secrets and personal data are found by pattern and context, and replaced in place."""

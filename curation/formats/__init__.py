"""Formats: how what is more than one file (commits, notebooks, issues, repositories) becomes text.

Pure functions over records; sentinels stand between the parts and can't be forged by them.
"""

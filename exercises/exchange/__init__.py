"""Exercises out of the catalog and into it as files: YAML as it ships, CSV, XLSX.

`columns` says what a row of a file is, `reading` makes rows of bytes, `writing` bytes of rows, `planning` compares a
file with the catalog, `storing` writes a plan, `jobs` keeps a file from its upload until it is imported.
"""

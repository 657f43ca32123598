"""Benchmarks: what claims of speed are measured with. Django is set up here, before any of them asks for a model."""

import os

import django

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core: said before the site's figures load numpy
django.setup()

"""How the web server runs: a parent that loads everything once, and workers that share it."""

import gc
from typing import Any

preload_app = True
workers = 2
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
errorlog = "-"
loglevel = "warning"
accesslog = None  # addresses of pages hold patients' numbers
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Load the PDF engine before the workers are forked, so that they share its memory."""
    from clinics import pdf  # Django must be set up first

    pdf.warm_up()
    gc.freeze()

"""How the web server runs: a parent that loads everything once, and workers that share it."""

import gc
from typing import Any

bind = "127.0.0.1:8000"  # or as the command says; never all addresses, as gunicorn would by PORT: TLS ends in front
preload_app = True
workers = 2
worker_class = "gthread"
threads = 12  # four more than may draw sheets or wait for it (clinics/pdf.py): they answer what is quick
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
errorlog = "-"
loglevel = "warning"
logconfig_dict = {  # lines like the site's own; what fails before its settings are read, too
    "formatters": {"line": {"()": "clinics.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"level": "WARNING", "propagate": True}},  # gunicorn would write lines of its own
}
accesslog = None  # addresses of pages hold patients' numbers
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Load pages and PDF engine before the workers are forked: they share the memory, and answer at once."""
    from django.urls import get_resolver

    from clinics import pdf  # Django must be set up first

    get_resolver().url_patterns  # noqa: B018  # each read of it imports what isn't imported yet
    pdf.warm_up()
    gc.freeze()

"""How gunicorn serves the project: `gunicorn -c deploy/gunicorn.conf.py config.wsgi`, in the project's folder.

Options that differ between machines go on that line or into GUNICORN_CMD_ARGS, for example `--bind 0.0.0.0:8000`.
"""

import gc
import os
from typing import Any

bind = "127.0.0.1:8000"
# One process for each core. Threads that wait, for the database or to hash, leave the core to others.
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
worker_class = "gthread"
threads = 16
# In seconds; longer than the proxy keeps idle connections, so that the proxy closes them first.
keepalive = 75
# Loaded before the processes fork: errors appear at the start, and the processes share memory.
preload_app = True

# The maximum length of the request line, number of header fields and length of a field. Gunicorn does not limit the
# time for receiving the headers, so the proxy in front must buffer requests.
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190

# Request headers such as SCRIPT_NAME must not set the project's path, even if a local proxy passes them on.
forwarder_headers = ""
# It is not used, and all projects of a user would share its socket.
control_socket_disable = True

accesslog = "-"
# Without URLs and referrers, which may contain the tokens of mail links.
access_log_format = "%(h)s %(t)s %(m)s %(s)s %(B)s bytes %(M)s ms"


def on_starting(server: object) -> None:
    """Refuse to start while DEBUG is on."""
    from config.serving import refuse_debug  # the project can be imported only now

    refuse_debug()


def when_ready(server: object) -> None:
    """Exempt the loaded modules from garbage collection."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Limit the requests that wait to hash by the number of threads of the process."""
    from graphql_auth.hashers import leave_threads

    leave_threads(worker.cfg.threads)

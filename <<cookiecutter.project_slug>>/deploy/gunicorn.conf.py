"""How gunicorn serves the project: `gunicorn -c deploy/gunicorn.conf.py config.wsgi`, in the project's folder.

What differs between machines goes on that line or into GUNICORN_CMD_ARGS, as `--bind 0.0.0.0:8000`.
"""

import gc
import os
from typing import Any

bind = "127.0.0.1:8000"
# One process for each core. A thread that waits, for the database or its turn to hash, leaves the core to the others.
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
worker_class = "gthread"
threads = 16
# In seconds; longer than the proxy in front keeps an idle connection, so that it is the proxy who closes it.
keepalive = 75
# Loaded once, before the processes fork: a fault shows at the start, and what never changes is in memory once.
preload_app = True

# The longest request line, in bytes, the most header fields, and the longest of them. For how long a header may take
# gunicorn has no limit: the proxy in front has to read a request whole before it passes it on.
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190

# No header of a request moves the project to another path, also where a proxy on this machine passes all of them on.
forwarder_headers = ""
# Nobody speaks to it, and all projects of a user would share its socket.
control_socket_disable = True

accesslog = "-"
# No addresses, be it of the page or of the one before: they can hold the token of a mailed link.
access_log_format = "%(h)s %(t)s %(m)s %(s)s %(B)s bytes %(M)s ms"


def on_starting(server: object) -> None:
    """Refuse to start where DEBUG is on."""
    from config.serving import refuse_debug  # the project can be imported only now

    refuse_debug()


def when_ready(server: object) -> None:
    """Keep what was loaded out of every later garbage collection."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Tell the process how many threads it has: requests that wait to hash a password leave some of them to others."""
    from graphql_auth.hashers import leave_threads

    leave_threads(worker.cfg.threads)

"""How the project is served."""

import re
import runpy
import subprocess
import sys

from django.conf import settings

# What gunicorn writes the address of a request, or of the page before, as.
ADDRESSES = {"r", "U", "q", "f"}


def test_the_log_of_requests_has_no_addresses():
    """The token of a mailed link is part of one."""
    gunicorn = runpy.run_path(str(settings.BASE_DIR / "deploy/gunicorn.conf.py"))

    assert not ADDRESSES & set(re.findall(r"%\((\w+)\)", gunicorn["access_log_format"]))


def test_the_schema_is_built_before_the_first_request():
    script = "import config.wsgi, sys; sys.exit('config.schema' not in sys.modules or 'config.urls' not in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR).returncode == 0

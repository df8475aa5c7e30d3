"""The WSGI entry point of the project."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# Loaded now, so that no request waits for them.
import_module("config.urls")
import_module("config.schema")

"""The ASGI entry point of the project."""

import os
from importlib import import_module

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
# Loaded now, so that no request waits for them.
import_module("config.urls")
import_module("config.schema")

"""The floor: a Django project with minimal hand-written views."""

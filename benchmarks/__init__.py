"""Compares the speed of a rendered project with hand-written views (the floor) and with the plain libraries."""

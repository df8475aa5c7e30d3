"""The colours of the site, from static/site/palette.css: mail programs do not know CSS's custom properties."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders

SHEET = "site/palette.css"


def colors() -> dict[str, dict[str, str]]:
    """Return the colours by name as `light` and `dark`, without their prefix `--site-`. A missing sheet has none."""
    found = finders.find(SHEET)
    light, _, dark = (Path(found).read_text(encoding="utf-8") if found else "").partition("@media")
    return {"light": _named(light), "dark": _named(light) | _named(dark)}


def _named(block: str) -> dict[str, str]:
    return {name.replace("-", "_"): color for name, color in re.findall(r"--site-([\w-]+):\s*([^;]+);", block)}

"""Take the answers as they are typed: a Jinja extension that cookiecutter loads with the template.

cookiecutter renders every answer given on the command line or in a configuration file as if it were a template, so
that `a << b` stops it; and it makes the project's folder before a hook can refuse the folder's name.
"""

import json
import keyword
import re
import secrets
import sys
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

FOLDER = "<<cookiecutter.project_slug>>"
DEFAULT_SLUG = "<< cookiecutter.project_name | slugify(separator='_') | suggested_slug >>"
HOOK_ANSWERS = "<< cookiecutter | tojson >>"


class TypedAnswers(Extension):
    """Render the template's own texts, and leave any other as it is."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters |= {"suggested_slug": suggested_slug, "folder_name": folder_name, "tojson": dumps}

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Turn a text that is neither a file of the template (they have a name) nor one of ours into a literal."""
        if name is not None:
            # Jinja's own line statements swallow the blank lines below them, blocks don't.
            return re.sub(r"^[ \t]*# % (.*)$", r"<% \1 %>", source, flags=re.MULTILINE)
        if "<" not in source and "#" not in source:  # most file names, and no need to slow them down
            return source
        if source == DEFAULT_SLUG or ("\n" in source and HOOK_ANSWERS in source):  # a hook has lines, an answer has not
            return source
        if source == FOLDER:  # only the folder's name is rendered when `_cookiecutter` is there, an answer never
            return f"<< cookiecutter.project_slug | folder_name if _cookiecutter is defined else {quoted(source)} >>"
        return f"<< {quoted(source)} >>"


def quoted(text: str) -> str:
    """Return the text as a Jinja string in which no character has a meaning."""
    return "'" + "".join(f"\\U{ord(character):08x}" for character in text) + "'"


def suggested_slug(slug: str) -> str:
    """Return a slug made of a project's name so that pre_gen_project takes it, unless the project imports it."""
    slug = slug.lstrip("0123456789_")[:92].rstrip("_") or "my_project"
    reserved = keyword.iskeyword(slug) or keyword.issoftkeyword(slug) or slug in sys.stdlib_module_names
    return f"{slug}_project" if reserved or slug == "test" else slug


def folder_name(slug: object) -> str:
    """Return the slug if it is safe as a folder's name, else a name to work in until pre_gen_project refuses it."""
    safe = isinstance(slug, str) and re.fullmatch(r"\w{1,100}", slug, re.ASCII)
    return str(slug) if safe else f"refused-{secrets.token_hex(8)}"


def dumps(value: Any, **options: Any) -> str:
    r"""Write JSON whose strings are also strings of Python, TOML and YAML, and stay as they are under `ruff format`.

    So no surrogate pairs (but for a lone one, which nothing can write), and \u0022 where json has \".
    """
    text = json.dumps(value, ensure_ascii=False, **options).encode(errors="backslashreplace").decode()
    return re.sub(r"\\(.)", lambda escape: r"\u0022" if escape[1] == '"' else escape[0], text)

"""Check the answers before anything is rendered: list every bad one at once, each with its fix."""

import json
import keyword
import re
import sys
import unicodedata

# What the project and its tools import: a folder or distribution of the same name could be taken for it.
IMPORTED = """
    config endpoint graphql_auth manage test tests users
    aiosmtpd argon2 asgiref corsheaders csp css_inline django django_filters django_tasks django_tasks_db environ
    graphene graphene_django graphql graphql_jwt graphql_relay gunicorn hypothesis idna jwt limits promise psycopg
    pytest pytest_cov pytest_django redis sqlparse time_machine whitenoise
"""
FREE_TEXT = ("project_name", "description", "author_name")
# Control characters, lone surrogates, and line and paragraph separators: no file can show them as they were meant.
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}


def problems(answers):
    """Yield what is wrong with the answers, each with its fix."""
    for name in FREE_TEXT:
        text = str(answers[name])
        if not text.strip():
            yield f"{name} is empty: give it at least one character."
        if unprintable := sorted({ascii(c) for c in text if unicodedata.category(c) in UNPRINTABLE}):
            yield f"{name} holds {', '.join(unprintable)}: leave out control characters and line ends."

    slug = str(answers["project_slug"])
    if not re.fullmatch(r"[a-z]([a-z0-9_]*[a-z0-9])?", slug, re.ASCII | re.IGNORECASE):
        yield f"project_slug is {slug!a}: use a to z, 0 to 9 and _, between a letter and a letter or digit."
    elif len(slug) > 100:
        yield f"project_slug has {len(slug)} characters: take at most 100."
    elif keyword.iskeyword(slug) or keyword.issoftkeyword(slug):
        yield f"project_slug {slug!r} is a word of the Python language: add to it, for instance {slug}_project."
    elif slug.lower() in IMPORTED.split() or slug.lower() in sys.stdlib_module_names:
        yield f"project_slug {slug!r} is the name of a Python module: add to it, for instance {slug}_project."


def main():
    """Print the problems, and stop the rendering if there are any."""
    answers = json.loads(r"""<< cookiecutter | tojson >>""")
    found = list(problems(answers))
    if found:
        print("These answers need another try:", *found, sep="\n  - ", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Make the databases of old projects, with the old packages themselves, and write them as SQL.

Run `python -m tests.moving_in.make_dumps`. Needs uv, and PostgreSQL at 127.0.0.1:5432 with pg_dump.
"""

import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = {
    "django-graphql-auth": [
        "django-graphql-auth==0.3.16",
        "django==3.2.25",
        "psycopg2-binary",
        "bcrypt",
        "setuptools<80",
    ],
    "django-allauth": ["django-allauth[mfa]==65.22.1", "django==5.2.19", "psycopg[binary]", "bcrypt"],
    "djoser": ["djoser==2.3.5", "django==5.2.19", "psycopg[binary]", "bcrypt"],
    "django": ["django==5.2.19", "psycopg[binary]", "bcrypt"],
}
# Plain `auth.User`, and user models of one's own with each kind of key.
KEYS = ["", "integer", "bigint", "uuid"]


def run(*command: str | Path, **options: object) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **options).stdout  # type: ignore[call-overload]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for source, packages in PACKAGES.items():
            python = Path(folder, source, "bin/python")
            run("uv", "venv", "--quiet", "--python", "3.11", python.parent.parent)
            run("uv", "pip", "install", "--quiet", "--python", python, *packages)
            for key, ends in itertools.product(KEYS, ["sqlite3", "postgresql"]):
                dump(python, source, key, ends, Path(folder))


def dump(python: Path, source: str, key: str, ends: str, folder: Path) -> None:
    """Make one database and write it to a file."""
    project = Path(tempfile.mkdtemp(dir=folder))
    shutil.copytree(HERE / "old", project, dirs_exist_ok=True)
    name = str(project / "old.sqlite3") if ends == "sqlite3" else f"old_{project.name}".lower()
    surroundings = os.environ | {"SOURCE": source, "KEY": key, "NAME": name, "DJANGO_SETTINGS_MODULE": "settings"}
    if ends == "postgresql":
        run("createdb", "--host", "127.0.0.1", "--username", "postgres", name)
    try:
        for command in (["makemigrations", "notes", *(["people"] if key else [])], ["migrate"]):
            run(python, "-m", "django", *command, cwd=project, env=surroundings | {"PYTHONPATH": str(project)})
        run(python, "fill.py", cwd=project, env=surroundings)
        output = HERE / "dumps" / f"{source}{'-' if key else ''}{key}.{ends}.sql"
        if ends == "sqlite3":
            with sqlite3.connect(name) as connection:
                output.write_text("\n".join(connection.iterdump()) + "\n", encoding="utf-8")
        else:
            options = ["--no-owner", "--inserts", "--host", "127.0.0.1", "--username", "postgres"]
            lines = run("pg_dump", *options, name).splitlines()
            # psql's own commands, and settings that newer servers do not know.
            kept = [line for line in lines if line and not line.startswith(("--", "\\", "SET "))]
            output.write_text("\n".join(kept) + "\n", encoding="utf-8")
    finally:
        if ends == "postgresql":
            run("dropdb", "--host", "127.0.0.1", "--username", "postgres", name)


if __name__ == "__main__":
    main()

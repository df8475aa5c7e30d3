"""Where a rendering comes from: the template's address, version and revision. Reads git's files, but needs no git."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# cookiecutter changes the folder before it renders files, so relative paths only have a meaning now.
STARTED_IN = Path.cwd()


def origin(template: Path, questions: Mapping[str, object], answers: Mapping[str, object]) -> str:
    """Return the text of `.template.json`, by which the project can be rendered again. config/update.py rewrites it."""
    record = {
        "template": address(template, str(answers.get("_template") or ""), str(answers.get("_repo_dir") or "")),
        "version": questions["_version"],
        "revision": revision(template),
        "answers": {name: answers[name] for name in questions if not name.startswith("_")},
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def address(template: Path, typed: str, folder: str) -> str:
    """Return the address at which others find the template.

    `typed` is what cookiecutter was called with, and `folder` where it found the template. They are equal for a local
    folder. What is typed for a git repository may be an abbreviation, so the address is that of the clone's origin.
    """
    if typed.lower().endswith(".zip"):
        return without_password(typed) if "://" in typed else str(STARTED_IN / typed)
    if typed == folder:
        return str(template)
    return without_password(origin_of(template) or typed)


def without_password(url: str) -> str:
    """Return a URL without the credentials of whoever cloned it. The user of an SSH address is part of the address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def origin_of(clone: Path) -> str | None:
    """Return the URL of a clone's remote `origin`."""
    config = text_of(common_folder(git_folder(clone)) / "config")
    found = re.search(r'^\[remote "origin"\]\s*\n(?:[ \t].*\n)*?[ \t]+url\s*=\s*(.+?)\s*$', config, re.MULTILINE)
    return found[1] if found else None


def revision(clone: Path) -> str | None:
    """Return the commit that is checked out, or None if the folder is not the root of a git work tree."""
    git = git_folder(clone)
    head = text_of(git / "HEAD").strip()
    if head.startswith("ref: "):
        name = head.removeprefix("ref: ")
        common = common_folder(git)
        packed = re.search(rf"^(\w+) {re.escape(name)}$", text_of(common / "packed-refs"), re.MULTILINE)
        head = text_of(common / name).strip() or (packed[1] if packed else "")
    return head if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", head) else None


def git_folder(clone: Path) -> Path:
    """Return the git folder of a clone, a linked work tree or a submodule."""
    git = clone / ".git"
    return clone / text_of(git).strip().removeprefix("gitdir: ") if git.is_file() else git


def common_folder(git: Path) -> Path:
    """Return the folder with the branches and the configuration, which linked work trees share."""
    return git / text_of(git / "commondir").strip()


def text_of(file: Path) -> str:
    """Return a file's text, or an empty one if there is no such file."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""

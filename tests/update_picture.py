"""Draws the picture of the README that shows `make update` with a conflict, from what the commands print."""

import html
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import TEMPLATE, run
from tests.updating import commit, edit, make_update, programs, publish

PICTURE = TEMPLATE / "docs/pictures/update.svg"
IGNORED = [".git", ".venv*", "node_modules", "build", "__pycache__", ".*_cache", ".hypothesis"]
LINE_HEIGHT, CHARACTER, MARGIN = 20, 8.4, 20


def session(folder: Path) -> list[str]:
    """Update a project whose README was edited where the template has changed it. Return the lines of the terminal."""
    clone = Path(shutil.copytree(TEMPLATE, folder / "clone", ignore=shutil.ignore_patterns(*IGNORED)))
    first, repository = publish(clone, folder)
    run(sys.executable, "-m", "cookiecutter", first, "--no-input", "--output-dir", folder, cwd=folder)
    project = folder / "my_project"
    edit(project, {"README.md": ("## Start it\n", "## Start it on your machine\n")})
    commit(project)
    (folder / "bin").mkdir()
    done = make_update(project, programs(folder / "bin"), f"TEMPLATE={repository}")
    show = "sed -n '/^<</,/^>>/p' README.md"
    conflict = run("sh", "-c", show, cwd=project).stdout
    return ["$ make update", *done.out.splitlines(), "", f"$ {show}", *conflict.splitlines()]


def drawn(lines: list[str]) -> str:
    """Return an SVG image of a terminal."""
    width = max(map(len, lines)) * CHARACTER + 2 * MARGIN
    height = len(lines) * LINE_HEIGHT + 2 * MARGIN
    rows = []
    for number, line in enumerate(lines):
        weight = "bold" if line.startswith("$ ") else "normal"
        place = f'x="{MARGIN}" y="{MARGIN + (number + 0.75) * LINE_HEIGHT:g}"'
        rows.append(f'<text {place} font-weight="{weight}">{html.escape(line, quote=False)}</text>')
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
    font = 'font-family="Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" style="white-space: pre"'
    background = '<rect width="100%" height="100%" rx="8" fill="#161b22"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>', background, *rows, "</svg>\n"])


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(drawn(session(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()

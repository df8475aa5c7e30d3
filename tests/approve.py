"""Approve what is rendered now: the messages and schemas, which are kept here, and the trees, which tests compare."""

import shutil
import tempfile
from difflib import SequenceMatcher
from pathlib import Path

from tests.conftest import COMBINATIONS, FOLDER, TREES, make, render


def woven(username: str, email: str) -> str:
    """Weave what the two login fields render into one text that renders either."""
    lines: list[str] = []
    one, other = username.split("\n"), email.split("\n")
    for tag, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += one[start:end]
            continue
        for login_field, part in (("username", one[start:end]), ("email", other[other_start:other_end])):
            if part:
                lines += [f'# % if cookiecutter.login_field == "{login_field}"', *part, "# % endif"]
    return "\n".join(lines)


def printed_schema(output: Path, api: str, login_field: str) -> str:
    """Render a project and let it print its schema."""
    project = render(output / api / login_field, api=api, login_field=login_field)
    make("schema", project)
    return (project.path / "schema.graphql").read_text(encoding="utf-8")


def collect_messages(output: Path, login_field: str) -> None:
    """Render a project, let it collect and compile its messages, and take them over."""
    project = render(output / login_field, login_field=login_field)
    if login_field == "email":
        # Its accounts have some of the messages that those with usernames have, and the same translations.
        shutil.copytree(FOLDER / "graphql_auth/locale", project.path / "graphql_auth/locale", dirs_exist_ok=True)
        for catalog in project.path.glob("graphql_auth/locale/*/*/django__username.po"):
            catalog.replace(catalog.with_name("django.po"))
    make("messages", project)
    for catalog in project.path.glob("[a-z]*/locale/*/*/django.?o"):
        taken = FOLDER / catalog.relative_to(project.path)
        # The endpoint knows nothing about logins.
        varies = not catalog.is_relative_to(project.path / "endpoint")
        taken.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(catalog, taken.with_stem(f"django__{login_field}") if varies else taken)


def main() -> None:
    """Write the messages and the schemas first: they are in the trees."""
    with tempfile.TemporaryDirectory() as folder:
        for login_field in ("username", "email"):
            collect_messages(Path(folder), login_field)
        for api in ("graphql", "relay"):
            schemas = [printed_schema(Path(folder), api, login_field) for login_field in ("username", "email")]
            (FOLDER / f"schema__{api}.graphql").write_text(woven(*schemas), encoding="utf-8")
    for api, login_field in COMBINATIONS:
        with tempfile.TemporaryDirectory() as folder:
            files = render(Path(folder), api=api, login_field=login_field).files
            (TREES / f"{api}-{login_field}.txt").write_text("\n".join(files) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

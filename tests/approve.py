"""Update the stored messages, schemas and file trees from freshly rendered projects."""

import shutil
import tempfile
from difflib import SequenceMatcher
from pathlib import Path

from tests.conftest import COMBINATIONS, FOLDER, TREES, make, render


def woven(username: str, email: str) -> str:
    """Merge the texts for the two login fields into one template."""
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
    """Return the schema that a rendered project prints."""
    project = render(output / api / login_field, api=api, login_field=login_field)
    make("schema", project)
    return (project.path / "schema.graphql").read_text(encoding="utf-8")


def collect_messages(output: Path, login_field: str) -> None:
    """Collect and compile the messages in a rendered project and copy them to the template."""
    project = render(output / login_field, login_field=login_field)
    if login_field == "email":
        # Reuse the translations of the projects with usernames, which have all of these messages and more.
        shutil.copytree(FOLDER / "graphql_auth/locale", project.path / "graphql_auth/locale", dirs_exist_ok=True)
        for catalog in project.path.glob("graphql_auth/locale/*/*/django__username.po"):
            catalog.replace(catalog.with_name("django.po"))
    make("messages", project)
    for catalog in project.path.glob("[a-z]*/locale/*/*/django.?o"):
        taken = FOLDER / catalog.relative_to(project.path)
        # The messages of the endpoint do not depend on the login field.
        varies = not catalog.is_relative_to(project.path / "endpoint")
        taken.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(catalog, taken.with_stem(f"django__{login_field}") if varies else taken)


def main() -> None:
    """Update everything: first the messages and schemas, then the trees, which contain them."""
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

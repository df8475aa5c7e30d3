"""`make update` in the situations that projects and their developers are in, tried with a small template."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FOLDER, run
from tests.updating import commit, difference, git, update

QUESTIONS = {
    "project_name": "My Project",
    "project_slug": "my_project",
    "description": "It is.",
    "author_name": "Ada",
    "api": ["graphql", "relay"],
    "login_field": ["username", "email"],
    "license": ["MIT", "none"],
    "_copy_without_render": ["config/*"],
}
LINES = [f"line {number}\n" for number in range(12)]
PAGE = "".join(LINES)
CATALOG = 'msgid ""\nmsgstr ""\n"POT-Creation-Date: 2026-01-01 00:00+0000\\n"\n\nmsgid "a"\nmsgstr "b"\n'
FILES = {
    "README.md": PAGE + "{{ cookiecutter.api }}\n",
    "app/__init__.py": "",
    "app/old.py": "".join(
        f"NUMBER_{line}" for line in PAGE.replace("line ", "").replace("\n", " = 1\n").splitlines(True)
    ),
    "docs/one.md": "one\n" + PAGE,
    "docs/two.md": "two\n" + PAGE,
    "locale/de/django.po": CATALOG,
    "requirements/base.txt": PAGE,
    "Makefile": "lock:\n\tcat requirements/base.txt > made.txt\n\techo made >> requirements/base.txt\n",
}
HOOK = 'import secrets, pathlib\npathlib.Path(".env").write_text(secrets.token_hex())\n'
UNDO = re.findall(r"^git reset.*", (FOLDER / "README.md").read_text(), re.MULTILINE)


def rewrite(folder: Path, changes: dict[str, str | None]) -> None:
    """Write files, or delete those whose text is None."""
    for name, text in changes.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def release(template: Path, version: str, changes: dict[str, str | None], *, tag: bool = True) -> str:
    """Publish a version of the small template. Return its commit."""
    (template / "cookiecutter.json").write_text(json.dumps(QUESTIONS | {"_version": version}))
    rewrite(template / "{{cookiecutter.project_slug}}", changes)
    return commit(template, f"Release {version}", version if tag else "")


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small template that has a release 1.0.0, and a project that was rendered from it."""
    start = tmp_path_factory.mktemp("start")
    rewrite(start / "template", {"hooks/post_gen_project.py": HOOK})
    release(start / "template", "1.0.0", FILES | {"config/update.py": (FOLDER / "config/update.py").read_text()})
    run(sys.executable, "-m", "cookiecutter", "template", "--no-input", cwd=start)
    return start


@pytest.fixture
def template(tmp_path: Path, start: Path) -> Path:
    """Return a small template with a release 1.0.0."""
    return Path(shutil.copytree(start / "template", tmp_path / "template"))


@pytest.fixture
def project(tmp_path: Path, start: Path, template: Path) -> Path:
    """Return a project that was rendered from the release 1.0.0, in a repository of its own."""
    project = rendered(start, tmp_path, template)
    commit(project)
    return project


def rendered(start: Path, output: Path, template: Path) -> Path:
    """Return the rendered project, with a record."""
    project = Path(shutil.copytree(start / "my_project", output / "my_project"))
    answers = {name: value[0] if isinstance(value, list) else value for name, value in QUESTIONS.items()}
    del answers["_copy_without_render"]
    record = {"template": str(template), "version": "1.0.0", "revision": None, "answers": answers}
    rewrite(project, {".template.json": json.dumps(record), ".gitignore": ".env\n*.log\n"})
    return project


def edited(text: str, line: int, new: str) -> str:
    """Replace a line of a text."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], new + "\n", *lines[line + 1 :]])


def test_a_conflict_is_reported_and_undone_by_the_documented_command(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"docs/one.md": edited(FILES["docs/one.md"], 3, "theirs"), "docs/new.md": "new\n"})
    rewrite(project, {"docs/one.md": edited(FILES["docs/one.md"], 3, "mine")})
    commit(project)

    done = update(project)

    assert done.status == 1
    assert "docs/one.md: edit what is between the markers" in done.out
    assert "<<<<<<<" in (project / "docs/one.md").read_text()
    assert (project / "docs/new.md").exists()
    assert len(UNDO) == 1
    assert UNDO[0] in done.out
    git(project, *UNDO[0].split()[1:])
    assert difference(project) == []
    assert not (project / "docs/new.md").exists()


def test_what_is_deleted_in_the_template_and_changed_here_is_listed(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"docs/one.md": None})
    rewrite(project, {"docs/one.md": FILES["docs/one.md"] + "mine\n"})
    commit(project)

    done = update(project)

    assert done.status == 1
    assert "docs/one.md: deleted in the template, changed here" in done.out
    assert (project / "docs/one.md").read_text().endswith("mine\n")


def test_what_is_deleted_here_stays_deleted_and_what_is_renamed_is_followed(template: Path, project: Path) -> None:
    changes = {name: edited(FILES[name], 5, "theirs") for name in ("README.md", "docs/one.md", "docs/two.md")}
    release(template, "1.1.0", changes | {"docs/three.md": "three\n"})
    rewrite(project, {"README.md": None})
    (project / "docs").rename(project / "pages")
    (project / "pages/two.md").rename(project / "pages/deux.md")
    commit(project)

    done = update(project)

    assert done.status == 0, done
    assert "They stay deleted:\n  README.md\n" in done.out
    assert not (project / "README.md").exists()
    assert "theirs" in (project / "pages/deux.md").read_text()
    assert "theirs" in (project / "pages/one.md").read_text()
    assert (project / "pages/three.md").exists()
    assert not (project / "docs").exists()


def test_files_of_ones_own_are_not_touched(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"docs/new.md": "new\n"})
    secret = (project / ".env").read_text()
    rewrite(project, {"notes.txt": "untracked", "a.log": "ignored"})

    assert update(project).status == 0
    assert (project / ".env").read_text() == secret
    assert difference(project) == [".template.json", "docs/new.md", "notes.txt"]
    assert (project / "a.log").read_text() == "ignored"


@pytest.mark.parametrize("name", ["new.txt", "new.log"])
def test_a_file_that_git_does_not_know_is_not_overwritten(template: Path, project: Path, name: str) -> None:
    release(template, "1.1.0", {name: "theirs\n"})
    rewrite(project, {name: "mine\n"})

    done = update(project)

    assert done.status == 1
    assert f"  {name}" in done.err
    assert (project / name).read_text() == "mine\n"
    assert git(project, "diff", "HEAD") == ""


def test_a_project_in_a_folder_of_a_larger_repository_leaves_the_rest_alone(
    tmp_path: Path, start: Path, template: Path
) -> None:
    release(template, "1.1.0", {"docs/one.md": edited(FILES["docs/one.md"], 3, "theirs")})
    root = tmp_path / "all"
    (root / "services").mkdir(parents=True)
    project = rendered(start, root / "services", template)
    # A sister project has the file that was deleted here: git must not think that it was moved there.
    shutil.copytree(project, root / "services/sister")
    rewrite(project, {"docs/one.md": None})
    git(tmp_path, "init", "--quiet", str(root))
    commit(root)

    done = update(project)

    assert done.status == 0, done
    assert "  docs/one.md\n" in done.out
    assert difference(root) == ["services/my_project/.template.json"]

    rewrite(root, {"services/sister/docs/one.md": "changed\n"})
    assert "services/sister/docs/one.md" in update(project).err


def test_an_update_does_not_depend_on_the_developers_settings(tmp_path: Path, template: Path, project: Path) -> None:
    release(template, "1.1.0", {"docs/one.md": None, "docs/eins.md": edited(FILES["docs/one.md"], 3, "theirs")})
    rewrite(project, {"docs/one.md": edited(FILES["docs/one.md"], 9, "mine")})
    commit(project)
    settings = """
        [core]\nautocrlf = true\nsafecrlf = true\nexcludesFile = {0}/ignored\nquotePath = true
        [merge]\nrenames = false\n[diff]\nrenames = false\nnoprefix = true\n[color]\nui = always
        [status]\nbranch = true\nshort = true\n[commit]\ngpgSign = true\n[user]\nuseConfigOnly = true
        [gpg]\nprogram = false\n[log]\nshowSignature = true\n[rerere]\nenabled = true\n[checkout]\ndefaultRemote = x
    """
    rewrite(tmp_path, {".gitconfig": settings.format(tmp_path), "ignored": "*\n"})

    done = update(project, HOME=str(tmp_path), GIT_DIR=str(template / ".git"), GIT_INDEX_FILE="/nowhere")

    assert done.status == 0, done
    text = (project / "docs/eins.md").read_text()
    assert text == edited(edited(FILES["docs/one.md"], 3, "theirs"), 9, "mine")
    assert not (project / "docs/one.md").exists()


def test_the_script_may_be_replaced_while_it_runs(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"config/update.py": "raise SystemExit('the new script')\n", "docs/one.md": None})

    assert update(project).status == 0
    assert update(project, "--check").err == "the new script\n"
    assert not (project / "docs/one.md").exists()


def test_generated_files_that_changed_on_both_sides_are_made_anew(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"requirements/base.txt": edited(PAGE, 3, "theirs")})
    rewrite(project, {"requirements/base.txt": edited(PAGE, 3, "mine")})
    commit(project)
    programs = project.parent / "programs"
    rewrite(programs, {"uv": "#!/bin/sh\n"})
    (programs / "uv").chmod(0o755)

    done = update(
        project, PATH=f"{programs}:{Path(str(shutil.which('make'))).parent}:{Path(str(shutil.which('git'))).parent}"
    )

    assert done.status == 0, done
    assert (project / "requirements/base.txt").read_text() == edited(PAGE, 3, "mine") + "made\n"
    assert git(project, "diff", "--cached", "--name-only").split() == [
        ".template.json",
        "made.txt",
        "requirements/base.txt",
    ]
    assert "Still to do" not in done.out


def test_a_generated_file_that_only_the_template_changed_is_taken_over(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"requirements/base.txt": edited(PAGE, 3, "theirs")})

    assert "make lock" not in update(project).out
    assert (project / "requirements/base.txt").read_text() == edited(PAGE, 3, "theirs")


def test_catalogs_that_were_collected_at_other_times_do_not_conflict(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"locale/de/django.po": CATALOG.replace("01-01", "02-02").replace('"b"', '"c"')})
    rewrite(project, {"locale/de/django.po": CATALOG.replace("01-01", "03-03")})
    commit(project)

    assert update(project).status == 0
    assert (project / "locale/de/django.po").read_text() == CATALOG.replace("01-01", "03-03").replace('"b"', '"c"')


def test_files_that_name_a_module_which_moved_are_listed(template: Path, project: Path) -> None:
    release(template, "1.1.0", {"app/old.py": None, "app/new.py": FILES["app/old.py"]})
    rewrite(
        project, {"mine.py": "from app.old import NUMBER_1\n", "also.py": "from app import old\n", "no.py": "older\n"}
    )
    commit(project)

    done = update(project)

    assert "The module app.old is now app.new. These files still name it:\n  also.py\n  mine.py\n" in done.out


def test_a_zip_and_a_moved_template_need_the_address_once(tmp_path: Path, template: Path, project: Path) -> None:
    release(template, "1.1.0", {"docs/new.md": "new\n"})
    archive = shutil.make_archive(str(tmp_path / "archive"), "zip", template)
    plain = Path(shutil.copytree(template, tmp_path / "plain", ignore=shutil.ignore_patterns(".git")))
    moved = template.rename(tmp_path / "moved")

    for address in (archive, str(plain), str(tmp_path / "nowhere")):
        done = update(project, f"TEMPLATE={address}")
        assert done.status == 1
        assert address in done.err
    done = update(project)
    assert (done.status, str(template) in done.err, "make update TEMPLATE=" in done.err) == (1, True, True)
    assert difference(project) == []

    assert update(project, "TEMPLATE=../moved").status == 0
    assert json.loads((project / ".template.json").read_text())["template"] == str(moved)


def test_a_project_without_a_record_says_once_what_it_would_contain(template: Path, project: Path) -> None:
    new = release(template, "1.1.0", {"README.md": edited(FILES["README.md"], 2, "theirs")})
    rewrite(project, {".template.json": None, "pyproject.toml": '[project]\nname = "my_project"\nlicense = "none"\n'})
    commit(project)

    done = update(project, "FROM=1.0.0", "API=graphql")
    assert (done.status, "Still missing: TEMPLATE, LOGIN_FIELD" in done.err) == (1, True)

    said = ["FROM=1.0.0", f"TEMPLATE={template}", "API=graphql", "LOGIN_FIELD=email"]
    done = update(project, *said)
    assert done.status == 0, done
    record = json.loads((project / ".template.json").read_text())
    assert (record["version"], record["revision"]) == ("1.1.0", new)
    assert record["answers"] == {
        **dict.fromkeys(["description", "author_name", "project_slug"], "my_project"),
        "project_name": "My Project",
        "api": "graphql",
        "login_field": "email",
        "license": "none",
    }
    assert "theirs" in (project / "README.md").read_text()


def not_committed(project: Path) -> None:
    rewrite(project, {"README.md": "changed\n"})


def in_no_repository(project: Path) -> None:
    shutil.rmtree(project / ".git")


def without_a_commit(project: Path) -> None:
    in_no_repository(project)
    git(project, "init", "--quiet")


def while_merging(project: Path) -> None:
    (project / ".git/MERGE_HEAD").write_text(git(project, "rev-parse", "HEAD"))


def damaged(project: Path) -> None:
    rewrite(project, {".template.json": "<<<<<<< HEAD\n"})
    commit(project)


def without_a_revision(project: Path) -> None:
    text = (project / ".template.json").read_text()
    rewrite(project, {".template.json": text.replace('"1.0.0"', '"1.1.0.dev0"')})
    commit(project)


def as_it_is(project: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("state", "options", "said"),
    [
        (not_committed, [], "README.md\nCommit them, or put them aside: git stash"),
        (in_no_repository, [], "git init && git add --all && git commit"),
        (without_a_commit, [], "git add --all && git commit"),
        (while_merging, [], "(MERGE_HEAD). Finish or abort it"),
        (damaged, [], "make update FROM=version TEMPLATE=address API=graphql|relay LOGIN_FIELD=username|email"),
        (without_a_revision, [], "make update FROM=revision"),
        (as_it_is, ["TO=2.0.0"], "does not know 2.0.0. Its versions: 1.0.0;"),
        (as_it_is, ["TO=--help"], "does not know --help."),
        (as_it_is, ["FROM=0.1.0"], "does not know 0.1.0."),
        (as_it_is, ["API=rest"], "API is rest: choose one of graphql, relay."),
        (as_it_is, ["LOGIN_FIELD=email"], "Render a new project with the other login field"),
        (as_it_is, ["VERSION=1"], "The options are TO, FROM, TEMPLATE, API, LOGIN_FIELD."),
        (as_it_is, ["TEMPLATE=http://127.0.0.1:9/t.git"], "Check the network and your access to it. If it has moved:"),
    ],
)
def test_a_refusal_changes_nothing_and_names_the_way_out(
    project: Path, state: Callable[[Path], None], options: list[str], said: str
) -> None:
    state(project)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts}

    done = update(project, *options)

    assert (done.status, done.out) == (1, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert {
        path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git" not in path.parts
    } == before


def test_an_update_without_git_is_refused(project: Path, tmp_path: Path) -> None:
    done = [update(project, *options, PATH=str(tmp_path)) for options in ([], ["--check"])]
    assert [one.status for one in done] == [1, 2]
    assert {one.err for one in done} == {"An update needs git, which keeps your edits. Install it.\n"}


def test_a_version_that_cannot_be_rendered_is_refused(template: Path, project: Path) -> None:
    rewrite(template, {"hooks/pre_gen_project.py": "raise SystemExit('project_name is a word of the language')\n"})
    release(template, "1.1.0", {})

    done = update(project)

    assert done.status == 1
    assert "project_name is a word of the language" in done.err
    assert difference(project) == []


def test_the_newest_release_is_newest_by_version_and_final(template: Path, project: Path) -> None:
    assert update(project, "--check").out.startswith("The template has nothing newer than 1.0.0")
    assert update(project).out.startswith("The template has nothing newer than 1.0.0")
    log = "# Changes\n\n## 1.10.0\n\n### Upgrading\n\nBe careful.\n\n### Added\n\n- x\n"
    (template / "CHANGELOG.md").write_text(log)
    for version in ("1.10.0", "1.9.0", "1.11.0rc1"):
        release(template, version, {"README.md": version})

    checked = update(project, "--check")
    assert checked.status == 1
    assert checked.out.startswith("The template is at 1.10.0 (")
    assert "Upgrade notes, 1.10.0:\nBe careful.\n" in checked.out
    assert difference(project) == []

    assert update(project, "TO=1.9.0").status == 0
    assert (project / "README.md").read_text() == "1.9.0"


def test_without_tags_releases_json_or_the_newest_commit_counts(template: Path, project: Path) -> None:
    git(template, "tag", "--delete", "1.0.0")
    old = git(template, "rev-parse", "HEAD").strip()
    new = release(template, "1.1.0", {"README.md": "1.1.0"}, tag=False)
    commit(template, "Later")
    assert update(project, "--check").status == 2

    (template / "releases.json").write_text(
        json.dumps([{"version": "1.0.0", "commit": old}, {"version": "1.1.0", "commit": new}])
    )
    commit(template)
    assert f"The template is at 1.1.0 ({new[:10]})" in update(project, "--check").out

    (template / "releases.json").write_text("[]")
    head = commit(template)
    assert f"({head[:10]})" in update(project, "--check", f"FROM={old}").out
    assert update(project, "--check", f"FROM={head}").status == 0

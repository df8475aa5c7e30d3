"""Takes over what changed in the template since this project was rendered: `make update` and `make update-check`.

The template is rendered twice with the answers of this project, as it was and as it is now. Both renderings become
commits in the project's own git repository, on no branch, and git cherry-picks their difference. So edits stay, renamed
files are followed, and conflicts look as in any merge.

Needs only Python and git, and cookiecutter to render. README.md describes the options.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

RECORD = ".template.json"
OPTIONS = ("TO", "FROM", "TEMPLATE", "API", "LOGIN_FIELD")
WITHOUT_RECORD = "make update FROM=version TEMPLATE=address API=graphql|relay LOGIN_FIELD=username|email"
OTHER_ADDRESS = "Name its git repository; it will be remembered: make update TEMPLATE=address"

# The make targets that write files from others, with the program that each needs. Merging such files would only produce
# conflicts. The order counts: the schema needs the packages.
GENERATED = {
    "lock": ("uv", re.compile(r"requirements/\w+\.txt")),
    "messages": ("msgfmt", re.compile(r"(.+/)?locale/.+\.mo")),
    "schema": ("make", re.compile(r"schema\.graphql")),
}
NEEDS = {"lock": " (needs uv)", "messages": " (needs GNU gettext)"}
MIGRATION = re.compile(r"(.+/migrations)/\d\w*\.py")

# The developer's own settings must neither change what is added nor hide renames. New files follow a renamed folder.
SETTINGS = {
    "core.autocrlf": "false",
    "core.quotePath": "false",
    "merge.renames": "true",
    "merge.directoryRenames": "true",
    "merge.renameLimit": "7000",
}
# git sets these where it runs hooks; they would lead the commands here to another repository or index.
HOOK_VARIABLES = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
# No commit of this command reaches a branch, and git may not know who the developer is.
NOBODY = {f"GIT_{role}_{what}": "template" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

# The files of a tree: each path in the repository with its mode, type and object, as `git ls-tree` prints them.
Files = dict[str, str]


class Refusal(Exception):
    """Why nothing was changed, and the way out."""


@dataclass(frozen=True)
class Record:
    """What `.template.json` contains."""

    template: str  # the address of its git repository
    version: str | None
    revision: str | None
    answers: dict[str, str]


@dataclass(frozen=True)
class Version:
    """A state of the template."""

    commit: str
    name: str | None  # `_version` in its cookiecutter.json

    def __str__(self) -> str:
        return f"{self.name or 'version'} ({self.commit[:10]})"


def main(words: Iterable[str]) -> int:
    """Update the project in the current folder. Return 0, or 1 if it was refused or conflicts are left.

    With `--check`, change nothing. Return 0 if the template has nothing newer, 1 if it has, and 2 if nobody knows.
    """
    words = list(words)
    try:
        if not shutil.which("git"):
            raise Refusal("An update needs git, which keeps your edits. Install it.")
        options = read_options(word for word in words if word != "--check")
        return check(options) if "--check" in words else update(options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2 if "--check" in words else 1


def check(options: Mapping[str, str]) -> int:
    """Print what is newer in the template."""
    record = read_record(options)
    with tempfile.TemporaryDirectory() as folder:
        clone = fetch(record.template, Path(folder))
        old = version_of_project(clone, record, options)
        new = newest_after(clone, old)
        if not new:
            print(f"The template has nothing newer than {old}.")
            return 0
        print(f"The template is at {new}, this project at {old}. To take over the difference: make update")
        print(of_clone(clone, "log", "--no-merges", "--max-count=20", "--format=  %s", f"{old.commit}..{new.commit}"))
        print(upgrade_notes(clone, old, new), end="")
        return 1


def update(options: Mapping[str, str]) -> int:
    """Take over the difference between two versions of the template."""
    record = read_record(options)
    prefix = enter_repository()
    with tempfile.TemporaryDirectory() as folder:
        clone = fetch(record.template, Path(folder))
        old = version_of_project(clone, record, options)
        new = find_version(clone, options["TO"]) if "TO" in options else newest_after(clone, old) or old
        answers = new_answers(record, options, json.loads(text_at(clone, new.commit, "cookiecutter.json")))
        if not options and (new, answers) == (old, record.answers):
            print(f"The template has nothing newer than {old}.")
            return 0
        before = add_rendering(render(clone, old, record.answers), prefix)
        after = add_rendering(render(clone, new, answers), prefix)
        notes = upgrade_notes(clone, old, new)
    stale = keep_generated(before, after, prefix)
    base = commit(before, prefix, "The template as it was")
    target = commit(after, prefix, f"Update from {old} to {new} of the template", parent=base)
    refuse_to_overwrite(base, target)
    cherry_pick(target)
    write_record(prefix, replace(record, version=new.name, revision=new.commit, answers=answers))

    dropped = keep_deleted()
    conflicts = list_conflicts()
    targets = [*generated_by(stale), *(["merge-migrations"] if branched(before, after, prefix) else [])]
    missing = targets if conflicts else [make for make in targets if not made(make, prefix)]
    report(f"{old} to {new}", base, target, prefix, dropped, conflicts, missing, notes)
    return 1 if conflicts else 0


def report(
    versions: str,
    base: str,
    target: str,
    prefix: str,
    dropped: list[str],
    conflicts: dict[str, str],
    missing: list[str],
    notes: str,
) -> None:
    """Say what was done, what is left to do and how to undo it."""
    changed = git("diff", "--shortstat", "HEAD").strip()
    print(f"Update from {versions}:", changed or "no change")
    if not changed:
        return
    if dropped:
        print(
            f"\nDeleted here, changed in the template (git diff {base[:10]} {target[:10]} -- FILE). They stay deleted:"
        )
        print(*(f"  {path.removeprefix(prefix)}" for path in dropped), sep="\n")
    for old, new, users in moved_modules(base, target, prefix):
        print(f"\nThe module {old} is {f'now {new}' if new else 'gone'}. These files still name it:")
        print(*(f"  {path.removeprefix(prefix)}" for path in users), sep="\n")
    print(notes, end="")
    if conflicts:
        print("\nConflicts:")
        print(*(f"  {path.removeprefix(prefix)}: {advice}" for path, advice in conflicts.items()), sep="\n")
    if missing:
        print("\nAfter that, run:" if conflicts else "\nStill to do:")
        print(*(f"  make {target}" + NEEDS.get(target, "") for target in missing), sep="\n")
    print(
        "\nReview it with `git diff HEAD`, run `make check` and `make test`, and commit. To undo it: git reset --hard"
    )


# What the project is


def read_options(words: Iterable[str]) -> dict[str, str]:
    """Return the options, which the Makefile passes as `NAME=value`."""
    options = {name: value for name, _, value in (word.partition("=") for word in words)}
    if unknown := options.keys() - set(OPTIONS):
        raise Refusal(f"Unknown: {', '.join(sorted(unknown))}. The options are {', '.join(OPTIONS)}.")
    return {name: value for name, value in options.items() if value}


def read_record(options: Mapping[str, str]) -> Record:
    """Return the project's record. Where there is none, the options say what it would."""
    try:
        record = Record(**json.loads(Path(RECORD).read_text(encoding="utf-8")))
        changed = options.get("LOGIN_FIELD", record.answers["login_field"]) != record.answers["login_field"]
    except FileNotFoundError:
        if missing := [name for name in ("FROM", "TEMPLATE", "API", "LOGIN_FIELD") if name not in options]:
            raise Refusal(
                f"There is no {RECORD}, which says what this project came from. Say it once, and it is written:\n"
                f"  {WITHOUT_RECORD}\nStill missing: {', '.join(missing)}"
            ) from None
        return Record(absolute(options["TEMPLATE"]), None, None, guessed_answers(options))
    except (ValueError, TypeError, KeyError):
        raise Refusal(
            f"{RECORD} is damaged. Restore it (git log -- {RECORD}), or delete it, commit, and run:\n  {WITHOUT_RECORD}"
        ) from None
    if changed:
        raise Refusal(
            "The login field of a project cannot be changed: users, migrations and clients depend on it.\n"
            "Render a new project with the other login field, and move your code and data there."
        )
    return replace(record, template=absolute(options.get("TEMPLATE", record.template)))


def absolute(address: str) -> str:
    """Return an address that means the same in any folder."""
    return os.path.abspath(address) if Path(address).exists() else address


def guessed_answers(options: Mapping[str, str]) -> dict[str, str]:
    """Return the answers of a project without a record, as far as its metadata tells.

    A wrong guess does little harm: what both renderings have in common is not part of their difference.
    """
    try:
        metadata = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        metadata = {}
    slug = metadata.get("name", Path.cwd().name)
    return {
        "project_name": slug.replace("_", " ").title(),
        "project_slug": slug,
        "description": metadata.get("description") or slug,
        "author_name": (metadata.get("authors") or [{}])[0].get("name") or slug,
        "api": options["API"],
        "login_field": options["LOGIN_FIELD"],
        "license": metadata.get("license", "none"),
    }


def new_answers(record: Record, options: Mapping[str, str], questions: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the answers for the new rendering: the project's, with another API if that is asked for."""
    api = options.get("API", record.answers["api"])
    if api not in questions["api"]:
        raise Refusal(f"API is {api}: choose one of {', '.join(questions['api'])}.")
    return record.answers | {"api": api}


def write_record(prefix: str, record: Record) -> None:
    """Write the record, and add it to the index."""
    path = Path(prefix, RECORD)
    path.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    git("add", "--force", "--", str(path))


# Versions of the template


def fetch(address: str, folder: Path) -> Path:
    """Clone the template into a folder. Raise Refusal if it is gone, has no history or cannot be reached."""
    is_path = "://" not in address and not re.match(r"[\w.-]+@[\w.-]+:", address)
    if is_path and not Path(address).exists():
        raise Refusal(f"The template is not at {address}: it has moved, or is on another machine.\n{OTHER_ADDRESS}")
    if address.lower().endswith(".zip") or (
        is_path and not any(Path(address, name).exists() for name in (".git", "HEAD"))
    ):
        raise Refusal(f"{address} is no git repository, so it has no older versions of the template.\n{OTHER_ADDRESS}")
    clone = folder / "template.git"
    done = run_git("clone", "--quiet", "--bare", "--", address, str(clone))
    if done.returncode:
        raise Refusal(
            f"The template cannot be fetched from {address}:\n{done.stderr.strip()}\n"
            f"Check the network and your access to it. If it has moved: {OTHER_ADDRESS}"
        )
    return clone


def of_clone(clone: Path, *words: str, **environment: str) -> str:
    """Return what git prints about the template, or an empty text if it fails."""
    done = run_git(f"--git-dir={clone}", *words, **environment)
    return "" if done.returncode else done.stdout


def text_at(clone: Path, commit: str, name: str) -> str:
    """Return the text of the template's file at a commit, or an empty one if there was none."""
    return of_clone(clone, "show", f"{commit}:{name}")


@functools.cache
def releases(clone: Path) -> dict[str, str]:
    """Map each version to the name of its commit: by the tags, and by releases.json where tags are missing."""
    listed = json.loads(text_at(clone, "HEAD", "releases.json") or "[]")
    tags = [name for name in of_clone(clone, "tag").splitlines() if sortable(name)[0]]
    return {release["version"]: release["commit"] for release in listed} | {tag: f"refs/tags/{tag}" for tag in tags}


def sortable(name: str | None) -> tuple[tuple[int, ...], str, int]:
    """Return a key that sorts versions, pre-releases before the final one. It is empty for other names."""
    found = re.fullmatch(r"(\d+(?:\.\d+)+)(?:\.?(dev|a|b|rc)(\d+))?", name or "")
    if not found:
        return (), "", 0
    # "a", "b", "dev" and "rc" are in the order of PEP 440 but for "dev", which comes first.
    stage = {"dev": ""}.get(found[2], found[2] or "final")
    return tuple(map(int, found[1].split("."))), stage, int(found[3] or 0)


def commit_of(clone: Path, name: str) -> str:
    """Return the commit that a version, revision, tag or branch names, or an empty text."""
    name = releases(clone).get(name, name)
    return of_clone(clone, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()


def find_version(clone: Path, *names: str) -> Version:
    """Return the first of the versions or revisions that the template knows. Raise Refusal if it knows none."""
    for name in names:
        commit = commit_of(clone, name)
        if commit and (questions := text_at(clone, commit, "cookiecutter.json")):
            return Version(commit, json.loads(questions).get("_version"))
    raise Refusal(
        f"The template does not know {' or '.join(names)}. Its versions: "
        f"{', '.join(sorted(releases(clone), key=sortable)) or 'none'}; it also knows its commits and branches.\n"
        "Name the one to take over with TO=..., and the one that the project has with FROM=..."
    )


def version_of_project(clone: Path, record: Record, options: Mapping[str, str]) -> Version:
    """Return what the project was rendered from or last updated to.

    Between two releases the version stays the same, so without a revision only a release is exact.
    """
    if "FROM" in options:
        return find_version(clone, options["FROM"])
    if not record.revision and record.version not in releases(clone):
        raise Refusal(
            f"{RECORD} has no revision of the template, and {record.version} is not one of its releases "
            f"({', '.join(sorted(releases(clone), key=sortable)) or 'there are none'}).\n"
            "Name the commit that the project was rendered from: make update FROM=revision"
        )
    return find_version(clone, *filter(None, [record.revision, record.version]))


def newest_after(clone: Path, old: Version) -> Version | None:
    """Return the newest release, or the newest commit of a template without any, if it is newer than the project."""
    final = [name for name in releases(clone) if sortable(name)[1] == "final"]
    if final:
        newest = max(final, key=sortable)
        return find_version(clone, newest) if sortable(newest) > sortable(old.name) else None
    head = find_version(clone, "HEAD")
    return None if of_clone(clone, "merge-base", head.commit, old.commit).strip() == head.commit else head


def upgrade_notes(clone: Path, old: Version, new: Version) -> str:
    """Return what the template's changelog tells owners to do on the way from a version to a newer one."""
    before, after = (
        re.split(r"^(?=## )", text_at(clone, version.commit, "CHANGELOG.md"), flags=re.MULTILINE)
        for version in (old, new)
    )
    notes = []
    for section in reversed([section for section in after if section not in before]):
        title = section.partition("\n")[0].removeprefix("## ")
        if found := re.search(r"^### Upgrading\n+(.*?)\n*(?=^### |\Z)", section, re.MULTILINE | re.DOTALL):
            notes.append(f"\nUpgrade notes, {title}:\n{found[1]}\n")
    return "".join(notes)


def render(clone: Path, version: Version, answers: Mapping[str, str]) -> Path:
    """Render a version into a new folder beside the clone. Return that folder."""
    folder = Path(tempfile.mkdtemp(dir=clone.parent))
    template, output, settings = folder / "template", folder / "output", folder / "settings.yaml"
    template.mkdir()
    # Neither the index of the clone nor the defaults of whoever runs this have a part in it.
    index = {"GIT_INDEX_FILE": str(folder / "index")}
    checkout = ["checkout", "--quiet", "--force", version.commit, "--", str(template)]
    of_clone(clone, f"--work-tree={template}", *checkout, **index)
    settings.write_text(f'replay_dir: "{folder}/replay"\ncookiecutters_dir: "{folder}/clones"\n', encoding="utf-8")
    options = ["--no-input", f"--config-file={settings}", f"--output-dir={output}"]
    words = [sys.executable, "-m", "cookiecutter", *options, str(template)]
    words += [f"{name}={answer}" for name, answer in answers.items()]
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise Refusal(f"{version} of the template cannot be rendered:\n{(done.stdout + done.stderr).strip()}")
    (rendering,) = output.iterdir()
    # These belong to the project, and are never merged.
    for name in (".env", RECORD):
        (rendering / name).unlink(missing_ok=True)
    return rendering


# The project's git repository


def enter_repository() -> str:
    """Change to the root of the repository, and return the project's folder in it, such as "accounts/", or "".

    Raises Refusal unless everything is committed. Otherwise undoing the update would lose it.
    """
    root = run_git("rev-parse", "--show-toplevel")
    if root.returncode:
        raise Refusal(
            f"An update needs git, which keeps your edits, but git says:\n{root.stderr.strip()}\n"
            "If there is no repository: git init && git add --all && git commit -m 'Start'"
        )
    prefix = git("rev-parse", "--show-prefix").rstrip("\n")
    os.chdir(root.stdout.rstrip("\n"))
    if run_git("rev-parse", "--verify", "--quiet", "HEAD").returncode or not files_of("HEAD", prefix):
        raise Refusal("The project is not committed to git: git add --all && git commit -m 'Start'")
    if changed := git("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"):
        raise Refusal(f"Some changes are not committed:\n{changed}Commit them, or put them aside: git stash")
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"):
        if Path(git("rev-parse", "--git-path", name).rstrip("\n")).exists():
            raise Refusal(
                f"git is in the middle of something else ({name}). Finish or abort it; `git status` says how."
            )
    return prefix


def files_of(tree: str, prefix: str = "") -> Files:
    """Return the files of a tree, all or those in a folder."""
    lines = git("ls-tree", "-r", "-z", "--full-tree", tree).split("\0")[:-1]
    files = {path: entry for entry, _, path in (line.partition("\t") for line in lines)}
    return {path: entry for path, entry in files.items() if path.startswith(prefix)}


def add_rendering(rendering: Path, prefix: str) -> Files:
    """Add a rendering to git's objects, and return its files."""
    for catalog in rendering.glob("**/*.po"):
        keep_date(catalog, Path(prefix, catalog.relative_to(rendering)))
    git_folder = git("rev-parse", "--absolute-git-dir").rstrip("\n")
    index = {"GIT_INDEX_FILE": str(rendering.parent.parent / "project-index")}
    # Without --force, git would leave out what the developer's own settings ignore everywhere.
    git(f"--git-dir={git_folder}", f"--work-tree={rendering}", "add", "--all", "--force", "--", str(rendering), **index)
    return {prefix + path: entry for path, entry in files_of(git("write-tree", **index).strip()).items()}


def keep_date(rendered: Path, here: Path) -> None:
    """Give a rendered catalog the date of the project's. Every `make messages` changes it, so it would conflict."""
    date = re.compile(rb'^"POT-Creation-Date: .*$', re.MULTILINE)
    if here.is_file() and (found := date.search(here.read_bytes())):
        rendered.write_bytes(date.sub(lambda _: found[0], rendered.read_bytes(), count=1))


def keep_generated(before: Files, after: Files, prefix: str) -> set[str]:
    """Take generated files that differ here out of both renderings. Return those that have to be made anew.

    The others change like any file of the template.
    """
    here, stale = files_of("HEAD", prefix), set()
    for path in {*before, *after}:
        name = path.removeprefix(prefix)
        if generated_by({name}) and here.get(path) != before.get(path):
            if path in here and after.get(path) not in (before.get(path), here[path]):
                stale.add(name)
            for files in (before, after):
                files.pop(path, None)
                if path in here:
                    files[path] = here[path]
    return stale


def commit(files: Files, prefix: str, message: str, parent: str = "") -> str:
    """Make a commit of a rendering, in the place of the project, and return it.

    It has the rest of the repository too, or git would take files there for renamed files of the project.
    """
    rest = {path: entry for path, entry in files_of("HEAD").items() if not path.startswith(prefix)}
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        entries = "".join(f"{entry}\t{path}\0" for path, entry in (rest | files).items())
        git("update-index", "-z", "--index-info", typed=entries, **index)
        tree = git("write-tree", **index).strip()
    return git("commit-tree", tree, *(["-p", parent] if parent else []), "-m", message, **NOBODY).strip()


def refuse_to_overwrite(base: str, target: str) -> None:
    """Raise Refusal if the update would write a file that is here but not in git, ignored ones included."""
    added = git("diff", "--name-only", "--no-renames", "--diff-filter=A", "-z", base, target).split("\0")[:-1]
    known = files_of("HEAD")
    if own := [path for path in added if path not in known and os.path.lexists(path)]:
        raise Refusal(
            "The template now has files of these names, which are here too but not in git. Rename or commit them:\n"
            + "\n".join(f"  {path}" for path in own)
        )


def cherry_pick(target: str) -> None:
    """Apply the difference to the files and the index, conflicts included."""
    done = run_git("cherry-pick", "--no-commit", target, **NOBODY)
    if done.returncode and not unmerged():
        raise Refusal(f"git could not apply the update:\n{done.stderr.strip()}")


def unmerged() -> dict[str, set[int]]:
    """Map each file in conflict to the sides that have it: 1 the old rendering, 2 the project, 3 the new rendering."""
    sides: dict[str, set[int]] = {}
    for line in git("ls-files", "--unmerged", "-z").split("\0")[:-1]:
        entry, _, path = line.partition("\t")
        sides.setdefault(path, set()).add(int(entry.split()[2]))
    return sides


def keep_deleted() -> list[str]:
    """Keep deleted what is deleted here and changed in the template. Return these files."""
    deleted = [path for path, sides in unmerged().items() if sides == {1, 3}]
    if deleted:
        git("rm", "--quiet", "--force", "--", *deleted)
    return deleted


def list_conflicts() -> dict[str, str]:
    """Map each file in conflict to what there is to do. Not all of them have markers."""
    return {path: advice(path, sides) for path, sides in unmerged().items()}


def advice(path: str, sides: set[int]) -> str:
    """Return how to resolve a conflict."""
    if 3 not in sides:
        return "deleted in the template, changed here. Keep it with `git add`, or delete it with `git rm`"
    if Path(path).is_file() and b"<" * 7 + b" " in Path(path).read_bytes():
        return "edit what is between the markers, then `git add`"
    return "differs in a way without markers, see `git status`. Then `git add` or `git rm`"


def moved_modules(base: str, target: str, prefix: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each module that the template moved or deleted, its new name if any, and the files that still name it."""
    moves = git("diff", "--find-renames", "--name-status", "--diff-filter=DR", base, target, "--", "*.py").splitlines()
    for _, old, *new in (line.split("\t") for line in moves):
        module, *now = (path.removeprefix(prefix).removesuffix(".py").replace("/", ".") for path in (old, *new))
        package, _, name = module.rpartition(".")
        pattern = rf"{re.escape(package)}(\.| import .*){name}"
        users = run_git(
            "grep",
            "--no-color",
            "--name-only",
            "--word-regexp",
            "--extended-regexp",
            "-e",
            pattern,
            "--",
            f"{prefix}*.py",
        )
        if package and users.stdout:
            yield module, "".join(now), users.stdout.splitlines()


# Generated files


def generated_by(files: set[str]) -> list[str]:
    """Return the make targets that write the files."""
    return [target for target, (_, pattern) in GENERATED.items() if any(map(pattern.fullmatch, files))]


def branched(before: Files, after: Files, prefix: str) -> bool:
    """Return whether the template and the owner have both added migrations to an app."""
    own, new = (
        {found[1] for path in paths if (found := MIGRATION.fullmatch(path))}
        for paths in (files_of("HEAD", prefix).keys() - before.keys(), after.keys() - before.keys())
    )
    return not own.isdisjoint(new)


def made(target: str, prefix: str) -> bool:
    """Run a make target, add what it writes to the index, and return whether it succeeded."""
    program, _ = GENERATED.get(target, ("make", None))
    if not shutil.which(program):
        return False
    untracked = ["ls-files", "--others", "--exclude-standard", "-z", "--", f"./{prefix}"]
    before = set(git(*untracked).split("\0"))
    words = ["make", "--no-print-directory", target]
    done = subprocess.run(words, cwd=f"./{prefix}", stdin=subprocess.DEVNULL, capture_output=True, text=True)
    git("add", "--update", "--", f"./{prefix}")
    if new := sorted(set(git(*untracked).split("\0")) - before):
        git("add", "--", *new)
    if done.returncode:
        print(f"`{' '.join(words)}` failed:\n{(done.stdout + done.stderr).strip()}\n", file=sys.stderr)
    return not done.returncode


# Programs


def run_git(*words: str, typed: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run git, with neutral settings and in English."""
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    inherited = {name: value for name, value in os.environ.items() if name not in HOOK_VARIABLES}
    return subprocess.run(
        ["git", *settings, *words],
        env=inherited | {"LC_ALL": "C"} | environment,
        stdin=subprocess.DEVNULL if typed is None else None,
        input=typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
    )


def git(*words: str, typed: str | None = None, **environment: str) -> str:
    """Run git, and return what it prints. Raise Refusal with its words if it fails."""
    done = run_git(*words, typed=typed, **environment)
    if done.returncode:
        raise Refusal(f"git failed ({' '.join(words[:2])}):\n{done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

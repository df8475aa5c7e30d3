"""Finish the rendered project: keep the chosen variants, write .env with fresh secrets, say what to do next."""

import json
import runpy
from pathlib import Path

# The files that differ as a whole: `name__<choice>.ext` is what `name.ext` holds under that choice.
VARIANTS = {
    "LICENSE": ("MIT", "BSD-3-Clause"),
    "docs/operations.graphql": ("graphql", "relay"),
    "schema.graphql": ("graphql", "relay"),
    "graphql_auth/usernames.py": ("username",),
    "tests/test_usernames.py": ("username",),
    "users/migrations/0002_username_search.py": ("username",),
} | {
    f"users/locale/{language}/LC_MESSAGES/django.{kind}": ("username", "email")
    for language in ("de", "es", "fr", "pt_BR")
    for kind in ("po", "mo")
}
# The module of the mutations has another name in each flavour.
MUTATIONS = {"graphql": "graphql_auth/mutations.py", "relay": "graphql_auth/relay.py"}

REQUESTS = {
    "graphql": 'mutation { tokenAuth(%s, password: "demo-password-123") { success errors token refreshToken } }',
    "relay": 'mutation { tokenAuth(input: {%s, password: "demo-password-123"}) { success errors token refreshToken } }',
}
LOGINS = {"username": 'username: "user2"', "email": 'email: "user2@email.com"'}


def keep_variants(project, answers):
    """Keep the files of the choices made, under their public names, and remove those of the others.

    Rendered over a project, this also removes what an earlier answer left; but a license is its owner's to remove.
    """
    chosen = {answers["api"], answers["login_field"], answers["license"]}
    for name, choices in VARIANTS.items():
        path = project / name
        if name != "LICENSE" and chosen.isdisjoint(choices):
            path.unlink(missing_ok=True)
        for choice in choices:
            variant = path.with_name(f"{path.stem}__{choice}{path.suffix}")
            if choice in chosen:
                variant.replace(path)
            else:
                variant.unlink()
    for api, module in MUTATIONS.items():
        if api not in chosen:
            (project / module).unlink(missing_ok=True)


def main():
    """Run in the rendered project's folder, as cookiecutter does."""
    answers = json.loads(r"""<< cookiecutter | tojson >>""")
    keep_variants(Path.cwd(), answers)
    runpy.run_path("config/make_env.py", run_name="__main__")
    query = REQUESTS[answers["api"]] % LOGINS[answers["login_field"]]
    print(f"""
Your project is in {answers["project_slug"]}. Next:

    cd {answers["project_slug"]}
    make run    # sets up, loads four demo users, and serves http://127.0.0.1:8000/graphql
    make test   # runs its tests

While it runs, log in as a demo user:

    curl http://127.0.0.1:8000/graphql -H 'Content-Type: application/json' --data '{json.dumps({"query": query})}'
""")


if __name__ == "__main__":
    main()

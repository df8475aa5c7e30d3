"""Finish the rendered project: keep the chosen variants, create .env with new secrets, print the next steps."""

import json
import runpy
from pathlib import Path

# `name__<choice>.ext` becomes `name.ext` if that choice is made. typed_answers.py lists these files, because a project
# that is rendered again may contain other files with such names.
VARIANTS = json.loads(r"""<< cookiecutter | variants | tojson >>""")
# The module of the mutations has another name in each flavour.
MUTATIONS = {"graphql": "graphql_auth/mutations.py", "relay": "graphql_auth/relay.py"}

REQUESTS = {
    "graphql": 'mutation { tokenAuth(%s, password: "demo-password-123") { success errors token refreshToken } }',
    "relay": 'mutation { tokenAuth(input: {%s, password: "demo-password-123"}) { success errors token refreshToken } }',
}
LOGINS = {"username": 'username: "user2"', "email": 'email: "user2@email.com"'}


def keep_variants(project, answers):
    """Keep the files of the choices made, under their public names, and remove those of the others.

    When a project is rendered again, this also removes the files of earlier answers, except for a license.
    """
    chosen = {answers["api"], answers["login_field"], answers["license"]}
    for name in {*VARIANTS.values()} - {"LICENSE"}:
        (project / name).unlink(missing_ok=True)
    for variant, name in VARIANTS.items():
        path = project / variant
        if path.stem.rpartition("__")[2] in chosen:
            path.replace(project / name)
        else:
            path.unlink()
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

"""The pages of a rendered project on a real server."""

import urllib.request
from pathlib import Path

from tests.conftest import RUNSERVER, Project, serving

SIGNATURE = "s1gnature-" + "x" * 33


def test_a_server_opens_a_link_and_logs_no_token(project: Project, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(*RUNSERVER, cwd=project.path, log=log, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3") as endpoint:
        for colon in (":", "%3A"):
            link = endpoint.replace("/graphql", f"/activate/WzFd{colon}1w1Xyz{colon}{SIGNATURE}")
            with urllib.request.urlopen(link) as answer:
                assert answer.url == endpoint.replace("/graphql", "/activate?opened")
                assert "account/account.css" in answer.read().decode()
        with urllib.request.urlopen(endpoint.replace("/graphql", "/static/account/account.css")) as styles:
            assert styles.headers.get_content_type() == "text/css"
    assert log.read_text().count("GET /activate/[token] HTTP/1.1") == 2
    assert SIGNATURE not in log.read_text()

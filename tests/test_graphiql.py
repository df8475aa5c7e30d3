"""GraphiQL in a browser: a newcomer's first minute, with nothing from elsewhere."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import RUNSERVER, Project, run, serving

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
VIOLATIONS = "addEventListener('securitypolicyviolation', event => console.error('CSP', event.violatedDirective))"
OF_GRAPHIQL_ITSELF = {"nested-interactive"}  # a tab holds the button that closes it

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS) as browser:
        yield browser


@pytest.fixture(params=[("graphql", "username"), ("relay", "email")], ids="-".join)
def endpoint(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project], tmp_path: Path) -> Iterator[str]:
    """Serve a project with the demo users; yield the address of its endpoint."""
    project = rendered(*request.param).path
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    for command in (["migrate"], ["loaddata", "users"]):
        run(sys.executable, "manage.py", *command, cwd=project, **environment)
    with serving(*RUNSERVER, cwd=project, log=tmp_path / "log", **environment) as address:
        yield address


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def run_by_button(page: Page) -> None:
    page.get_by_role("button", name="Execute query").click()


def run_by_keyboard(page: Page) -> None:
    page.locator(".graphiql-query-editor .view-line").first.click()
    page.keyboard.press("Control+Enter")


def test_the_first_minute(browser: Browser, endpoint: str) -> None:
    page = browser.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(VIOLATIONS)
    answer, note = page.locator(".graphiql-response .view-lines"), page.get_by_role("status")

    page.goto(endpoint)
    expect(page).to_have_title("GraphiQL · My Project")
    expect(note).to_contain_text("No token is sent yet.")
    run_by_button(page)
    expect(answer).to_contain_text('"success": true')
    expect(note).to_contain_text("Every tab now speaks as ada")
    open_tab(page, "Me")
    run_by_keyboard(page)
    expect(answer).to_contain_text("ada@example.com")
    open_tab(page, "TokenAuth")
    run_by_button(page)
    expect(note).to_contain_text("Every tab now speaks as user2")
    open_tab(page, "Me")
    run_by_button(page)
    expect(answer).to_contain_text("user2@email.com")
    assert {violation["id"] for violation in Axe().run(page).response["violations"]} == OF_GRAPHIQL_ITSELF

    page.get_by_role("button", name="Forget the token").click()
    run_by_button(page)
    expect(answer).to_contain_text('"me": null')
    assert "eyJ" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert complaints == []
    assert [url for url in requests if not url.startswith((endpoint.removesuffix("graphql"), "data:"))] == []

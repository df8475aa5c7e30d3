"""Drives a browser through a served project like a person would, for tests and screenshots."""

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import RUNSERVER, Project, run, serving

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TELL_VIOLATIONS = "addEventListener('securitypolicyviolation', event => console.error('CSP', event.violatedDirective))"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS) as browser:
        yield browser


@contextlib.contextmanager
def served(project: Project, folder: Path) -> Iterator[str]:
    """Serve a project with the demo users, on a database in `folder`; yield its URL."""
    environment = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
    for command in (["migrate"], ["loaddata", "users"]):
        run(sys.executable, "manage.py", *command, cwd=project.path, **environment)
    # The links in mails need to lead to the chosen port.
    command = ["env", "FRONTEND_URL=http://{address}", *RUNSERVER]
    with serving(*command, cwd=project.path, log=folder / "log", **environment) as endpoint:
        yield endpoint.removesuffix("/graphql")


@dataclass
class Visit:
    """A page in a browser. Records each request and the messages of the console."""

    context: BrowserContext
    site: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(TELL_VIOLATIONS)

    def went_elsewhere(self) -> list[str]:
        """Return the requests to other sites."""
        return [url for url in self.requests if not url.startswith((f"{self.site}/", "data:"))]

    def open(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(f"{self.site}{path}")

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name).click()

    def open_last_link(self) -> None:
        """Open the link in the newest mail from the list of sent mails."""
        self.open("/dev/mails/")
        self.page.get_by_role("link", name="Open its link").first.click()

    def open_tab(self, name: str) -> None:
        """Open a tab of GraphiQL."""
        # The first, because GraphiQL opens a tab again when the page was left while it kept its tabs.
        # GraphiQL takes what was written into the editor 100 ms ago for what the open tab holds.
        self.page.wait_for_timeout(200)
        self.page.get_by_role("tab", name=name, exact=True).first.click()

    def write_variables(self, variables: dict[str, Any]) -> None:
        """Write into GraphiQL's editor of variables."""
        self.page.get_by_label("Variables").locator(".view-line").first.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(json.dumps(variables))
        # The editor closed what the text had opened.
        self.page.keyboard.press("Control+Shift+End")
        self.page.keyboard.press("Delete")

    def run_by_button(self) -> None:
        """Run the operation of the open tab."""
        self.press("Execute query")

    def run_by_keyboard(self) -> None:
        """Run the operation of the open tab."""
        expect(self.page.get_by_role("button", name="Execute query")).to_be_visible()
        self.page.keyboard.press("Control+Enter")

    def expect_answer(self, text: str) -> None:
        """Wait until GraphiQL shows a response that contains this text."""
        expect(self.page.locator(".graphiql-response .view-lines")).to_contain_text(text)

    def expect_note(self, text: str) -> None:
        """Wait until the line below the response, which shows whose token is sent, has this text."""
        expect(self.page.get_by_role("status")).to_contain_text(text)

    def expect_heading(self, text: str) -> None:
        """Wait for a page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

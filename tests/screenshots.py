"""Takes the screenshots of the README from a running project."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browsing import Visit, chromium, served
from tests.conftest import TEMPLATE, render

PICTURES = TEMPLATE / "docs/pictures"


def main() -> None:
    """Take a screenshot of each step: register, read the mail, open its link, log in, and query `me`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(render(Path(folder), project_name="My Project"), Path(folder)) as site,
        chromium() as browser,
        browser.new_context(device_scale_factor=2, reduced_motion="reduce", color_scheme="light") as context,
    ):
        visit = Visit(context, site)
        page = visit.page

        page.set_viewport_size({"width": 1120, "height": 560})
        visit.open("/graphql")
        visit.run_by_button()
        visit.expect_note("Every tab now speaks as ada")
        visit.open_tab("Me")
        visit.run_by_button()
        visit.expect_answer("ada@example.com")
        page.screenshot(path=PICTURES / "graphiql.png")

        page.set_viewport_size({"width": 560, "height": 560})
        visit.open("/dev/mails/")
        page.locator(".mails .subject").first.click()
        visit.open(re.sub("http://[^/]+", "", page.url) + "page/")
        page.screenshot(path=PICTURES / "mail.png")

        visit.open_last_link()
        expect(page.get_by_role("button", name="Activate the account")).to_be_visible()
        page.screenshot(path=PICTURES / "page.png")


if __name__ == "__main__":
    main()

"""GraphiQL, the mail preview and the pages behind mail links in a real browser, without resources from other sites."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from tests.browsing import CHROMIUM, Visit, chromium, served
from tests.conftest import Project

NEW_PASSWORD = "another-long-password-1852"
OF_GRAPHIQL_ITSELF = {"nested-interactive"}  # a tab contains the button that closes it
PAGES = [
    "/activate",
    "/activate-secondary",
    "/password-reset",
    "/password-reset/no-token",
    "/password-set",
    "/dev/mails/",
    "/dev/mails/activation/",
]

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=[("graphql", "username"), ("relay", "email")], ids="-".join)
def project(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project]) -> Project:
    return rendered(*request.param)


@pytest.fixture(scope="module")
def site(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(project, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Yield a visit to the site, and check that it caused no requests to other sites and no console messages."""
    with browser.new_context() as context:
        visit = Visit(context, site)
        yield visit
    assert visit.went_elsewhere() == []
    assert visit.complaints == []


def violations(visit: Visit) -> set[str]:
    """Return the violations that axe-core finds on the page."""
    return {violation["id"] for violation in Axe().run(visit.page).response["violations"]}


def test_a_person_registers_verifies_logs_in_and_gets_a_new_password(visit: Visit, project: Project) -> None:
    credentials = {"email": "ada@example.com", "password": NEW_PASSWORD}

    visit.open("/")
    expect(visit.page).to_have_url(f"{visit.site}/graphql")
    expect(visit.page).to_have_title("GraphiQL · My Project")
    visit.expect_note("No token is sent yet.")
    visit.run_by_button()
    visit.expect_answer('"success": true')
    visit.expect_note("Every tab now speaks as ada")
    visit.open_tab("Me")
    visit.run_by_keyboard()
    visit.expect_answer('"verified": false')

    visit.open_last_link()
    expect(visit.page).to_have_url(f"{visit.site}/activate?opened")
    visit.expect_heading("Activate your account")
    assert violations(visit) == set()
    visit.press("Activate the account")
    visit.expect_heading("Your account is activated")
    assert violations(visit) == set()

    visit.page.get_by_role("link", name="Continue to My Project").click()
    expect(visit.page).to_have_url(f"{visit.site}/graphql")
    visit.open_tab("TokenAuth")
    visit.run_by_button()
    visit.expect_note("Every tab now speaks as ada")
    visit.open_tab("Me")
    visit.run_by_button()
    visit.expect_answer('"verified": true')

    visit.open("/password-reset")
    visit.page.get_by_label("Email address").fill("ada@example.com")
    visit.press("Send a link")
    visit.expect_heading("Check your inbox")
    expect(visit.page.get_by_text("ada@example.com")).to_be_visible()
    assert violations(visit) == set()
    visit.open_last_link()
    visit.expect_heading("Choose a new password")
    visit.page.set_viewport_size({"width": 1280, "height": 800})
    expect(visit.page.get_by_role("button", name="Set the new password")).to_be_in_viewport(ratio=1)
    choose_password(visit, "12345")
    expect(first_password(visit)).to_have_accessible_description(re.compile("This password is too short."))
    expect(first_password(visit)).to_be_focused()
    assert violations(visit) == set()
    visit.page.get_by_label("Show the passwords").check()
    expect(first_password(visit)).to_have_attribute("type", "text")
    choose_password(visit, NEW_PASSWORD)
    visit.expect_heading("Your new password is set")
    visit.open_last_link()
    visit.expect_heading("This link does not work any more")
    assert violations(visit) == set()

    visit.open("/graphql")
    visit.open_tab("TokenAuth")
    visit.run_by_button()
    visit.expect_answer("invalid_credentials")
    visit.write_variables({"input": credentials} if project.api == "relay" else credentials)
    visit.run_by_button()
    visit.expect_note("Every tab now speaks as ada")
    visit.open_tab("Me")
    visit.run_by_button()
    visit.expect_answer("ada@example.com")
    assert violations(visit) == OF_GRAPHIQL_ITSELF


def first_password(visit: Visit) -> Locator:
    return visit.page.get_by_label("New password", exact=True)


def choose_password(visit: Visit, password: str) -> None:
    first_password(visit).fill(password)
    visit.page.get_by_label("New password again").fill(password)
    visit.press("Set the new password")


def test_graphiql_does_not_store_the_token_and_forgets_it_when_told_or_when_it_is_rejected(visit: Visit) -> None:
    visit.open("/graphql")
    visit.open_tab("TokenAuth")
    visit.expect_note("No token is sent yet.")
    credentials = {"email": "user2@email.com", "password": "demo-password-123"}
    in_one = visit.page.get_by_label("Variables").get_by_text('"input"').count()
    visit.write_variables({"input": credentials} if in_one else credentials)
    visit.run_by_keyboard()
    visit.expect_note("Every tab now speaks as user2")
    visit.open_tab("Me")
    visit.run_by_button()
    visit.expect_answer("user2@email.com")
    assert "eyJ" not in visit.page.evaluate("JSON.stringify([localStorage, sessionStorage])")

    visit.press("Forget the token")
    visit.run_by_button()

    visit.expect_answer('"me": null')
    visit.expect_note("No token is sent yet.")

    visit.open_tab("TokenAuth")
    visit.run_by_button()
    visit.expect_note("Every tab now speaks as user2")
    visit.open_tab("Me")
    visit.page.route(f"{visit.site}/graphql", lambda route: route.continue_(headers=revoked(route.request.headers)))
    visit.run_by_button()
    visit.expect_note("The server rejected the token of user2")
    assert violations(visit) == OF_GRAPHIQL_ITSELF
    visit.page.unroute(f"{visit.site}/graphql")
    with visit.page.expect_request(f"{visit.site}/graphql") as sent:
        visit.run_by_button()
    assert "authorization" not in sent.value.headers


def revoked(headers: dict[str, str]) -> dict[str, str]:
    """Return headers whose token is no longer a good one."""
    return headers | {"authorization": headers["authorization"] + "x"}


def test_graphiql_links_to_the_mails_and_the_admin(visit: Visit) -> None:
    for name, title in {"Mails": "Mails", "Admin": "Log in | My Project"}.items():
        visit.open("/graphql")
        visit.page.get_by_role("link", name=name, exact=True).click()
        expect(visit.page).to_have_title(title)


def test_what_was_typed_is_there_after_a_reload(visit: Visit) -> None:
    visit.open("/graphql")
    visit.run_by_keyboard()
    visit.expect_answer('"success"')
    visit.open_tab("Me")
    visit.open_tab("TokenAuth")
    visit.write_variables({"typed": "by hand"})
    visit.page.wait_for_timeout(1000)  # GraphiQL keeps it with a delay.

    visit.page.reload()

    expect(visit.page.get_by_label("Variables").locator(".view-lines").first).to_contain_text("by hand")
    expect(visit.page.get_by_role("tab", name="TokenAuth")).to_have_attribute("aria-selected", "true")
    assert visit.page.get_by_role("tab", name="TokenAuth").count() == 1
    visit.open_tab("Register")
    visit.page.wait_for_timeout(1000)
    visit.page.reload()
    visit.run_by_keyboard()
    visit.expect_answer('"success"')


def test_each_project_has_its_own_tabs_at_an_address_that_served_another(visit: Visit) -> None:
    visit.open("/graphql")
    visit.open_tab("Me")
    visit.page.wait_for_timeout(1000)
    visit.page.route(
        f"{visit.site}/graphql",
        lambda route: (
            route.fulfill(response=(answer := route.fetch()), body=answer.text().replace("Register", "Enroll"))
            if route.request.method == "GET"
            else route.continue_()
        ),
    )

    visit.page.reload()

    expect(visit.page.get_by_role("tab", name="Enroll")).to_have_attribute("aria-selected", "true")
    expect(visit.page.get_by_role("tab", name="Register")).to_have_count(0)


def test_graphiql_can_be_used_on_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.open("/graphql")
    visit.run_by_button()
    visit.expect_answer('"success"')

    for part in (".graphiql-query-editor", ".graphiql-response", ".login"):
        box = visit.page.locator(part).bounding_box()
        assert box["width"] > 250
        assert box["x"] + box["width"] <= 390
        assert box["height"] > 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_on_any_page(visit: Visit, scheme: str, width: int) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in PAGES:
        visit.open(path)
        found[path] = violations(visit)

    assert found == {path: set() for path in PAGES}

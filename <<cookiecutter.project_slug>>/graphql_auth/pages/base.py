"""The page of a link: what every journey that starts with a mail shares."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port, validate_host
from django.urls import get_script_prefix, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from graphql_auth import tokens
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.mails.kind import Kind
from graphql_auth.pages import cookies, texts
from graphql_auth.pages.cookies import DECLINED, DONE, OPEN, SENT
from graphql_auth.pages.forms import NewLinkForm, PageForm
from graphql_auth.pages.template import Link, next_step, page

# The query of the address that a link leads to: the page then knows that its cookie should be there.
OPENED = "opened"
# Where servers put the path of a request.
ADDRESSES = {"PATH_INFO", "RAW_URI", "REQUEST_URI"}


# Outside ATOMIC_REQUESTS, a page can report that a mail was not sent.
@method_decorator([never_cache, sensitive_post_parameters(), non_atomic_requests], name="dispatch")
class LinkPage(View):
    """The page behind a mail link: its texts, and the flows it calls.

    `check` returns the account of a token; `use` is called by the button, with the token and the fields of
    `form_class`; `decline` (optional) by a second button, with only the token; `send` (optional) mails a new link.
    Without a link, the page says how to get one.
    """

    name: ClassVar[str]
    mail: ClassVar[Kind]
    check: ClassVar[Callable[..., tokens.Target]]
    use: ClassVar[Callable[..., Any]]
    decline: ClassVar[Callable[..., Any] | None] = None
    send: ClassVar[Callable[..., None] | None] = None
    form_class: ClassVar[type[PageForm]] = PageForm
    address_label: ClassVar[Promise] = _("Account")
    # Names the account of a link that was mailed to another address than the primary one.
    account_text: ClassVar[Promise | str] = ""
    title: ClassVar[Promise]
    text: ClassVar[Promise]
    button: ClassVar[Promise]
    done_title: ClassVar[Promise]
    done_text: ClassVar[Promise]
    decline_button: ClassVar[Promise | str] = ""
    declined_title: ClassVar[Promise]
    declined_text: ClassVar[Promise]
    way_out: ClassVar[Promise] = _("You can have a new link sent.")
    # Without a link. An empty `closed_way_out` leaves the form to explain itself.
    closed_title: ClassVar[Promise | None] = None
    closed_text: ClassVar[Promise] = texts.CLOSED
    closed_way_out: ClassVar[Promise | str | None] = None

    def dispatch(self, request: HttpRequest, token: str = "") -> HttpResponseBase:
        """Answer the request, or respond with 404 if links lead to another site."""
        if token:
            # Logs and error reports may show the request.
            request.path = request.path_info = f"/{self.mail.path}/[token]"
            request.META |= dict.fromkeys(ADDRESSES & request.META.keys(), request.path)
        if not links_lead_here():
            raise Http404
        response = super().dispatch(request, **({"token": token} if token else {}))
        # With "no-referrer", browsers would send `Origin: null`, which fails Django's CSRF check.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str = "") -> HttpResponse:
        """Store the token of a link in the cookie, or show the page. Changes nothing else."""
        return self.leave(OPEN, token) if token else self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Process the submitted form."""
        return self.send_link(self.send) if self.send and "email" in request.POST else self.use_link()

    def use_link(self) -> HttpResponse:
        """Use the token in the cookie, if the form belongs to it."""
        state, token = self.read_cookie()
        if state != OPEN:
            return HttpResponseRedirect(f"{self.address}?{OPENED}")
        if self.request.POST.get("link") != digest(token):
            return self.show(notice=_("You have opened another link since. This is now its page."))
        use, form, done = self.use, self.form_class(self.request.POST), DONE
        if self.decline is not None and "decline" in self.request.POST:
            use, form, done = self.decline, PageForm(self.request.POST), DECLINED
        if form.is_valid():
            try:
                use(token=token, **form.cleaned_data)
            except AccountError as refusal:
                form.add_refusal(refusal)
            else:
                return self.leave(done)
        return self.show(form=form)

    def send_link(self, send: Callable[..., None]) -> HttpResponse:
        """Mail a new link, with the same limits and the same privacy as in the API."""
        form = NewLinkForm(self.request.POST)
        if form.is_valid():
            try:
                send(request=self.request, email=form.cleaned_data["email"])
            except AccountError as refusal:
                form.add_refusal(refusal)
            else:
                return self.leave(SENT, form.cleaned_data["email"])
        return self.show(new_link_form=form)

    def show(
        self, *, form: PageForm | None = None, new_link_form: PageForm | None = None, notice: Promise | None = None
    ) -> HttpResponse:
        """Return the page for the state in the cookie, with the invalid form or new forms."""
        state, detail = self.read_cookie()
        links = [next_step()]
        new_link = {"way_out": self.way_out, "new_link_form": new_link_form or (NewLinkForm() if self.send else None)}
        if state == DONE:
            return self.render(kind="done", title=self.done_title, text=self.done_text, links=links)
        if state == DECLINED:
            links.insert(0, Link(reverse("account:password_reset"), _("Choose a password")))
            return self.render(kind="declined", title=self.declined_title, text=self.declined_text, links=links)
        if state == SENT:
            new_link["way_out"] = texts.SENT_WAY_OUT
            text = texts.SENT_TEXT % {"address": detail}
            return self.render(kind="sent", title=texts.SENT_TITLE, text=text, links=links, **new_link)
        if state != OPEN:
            return self.show_closed(links=links, **new_link)
        try:
            target = self.check(token=detail)
        except AccountError as refusal:
            return self.show_refused(refusal.code, detail, links=links, **new_link)
        return self.render(
            kind="open",
            title=self.title,
            text=self.text,
            notice=notice,
            address=target.address,
            account=self.account_text % {"account": target.account} if target.account else "",
            form=form or self.form_class(),
            link=digest(detail),
        )

    def show_closed(self, **context: Any) -> HttpResponse:
        """Return the page without a link."""
        title, text = self.closed_title or self.title, self.closed_text
        if self.closed_way_out is not None:
            context["way_out"] = self.closed_way_out
        if OPENED in self.request.GET:
            title, text = self.title, texts.NO_COOKIE
        return self.render(kind="closed", title=title, text=text, **context)

    def show_refused(self, code: str, token: str, *, links: list[Link], **context: Any) -> HttpResponse:
        """Return the page of a link that was refused with `code`."""
        if code in texts.SETTLED:
            if code == Refusal.PASSWORD_ALREADY_SET.code:
                links.append(Link(reverse("account:password_reset"), texts.FORGOTTEN_TITLE))
            return self.render(kind="settled", **texts.SETTLED[code]._asdict(), links=links)
        was_ours = code == Refusal.INVALID_TOKEN.code and tokens.is_genuine(self.mail.purpose, token)
        explanation = texts.USED if was_ours else texts.REFUSED[code]
        return self.render(kind="refused", **explanation._asdict(), links=links, **context)

    def render(self, **context: Any) -> HttpResponse:
        """Render the page."""
        return page(self.request, journey=self, **context)

    def read_cookie(self) -> tuple[str, str]:
        """Return the state of the page, and the token of the open link or the address that a link was sent to."""
        return cookies.read(self.request, self.cookie_name)

    def leave(self, state: str, detail: str = "") -> HttpResponse:
        """Set the cookie and redirect to the page, so that reloading or going back repeats nothing."""
        response = HttpResponseRedirect(f"{self.address}?{OPENED}" if state == OPEN else self.address)
        cookies.write(response, self.cookie_name, state=state, detail=detail, path=self.address)
        return response

    @property
    def address(self) -> str:
        """The path of the page, without a token."""
        return reverse(f"account:{self.name}")

    @property
    def cookie_name(self) -> str:
        """The name of the cookie. It contains "token", so that error reports hide its value."""
        return f"{self.name}_token"


def links_lead_here() -> bool:
    """Return whether FRONTEND_URL is this site: one of its hosts, and its path on them. Then mail links lead here."""
    frontend = urlsplit(settings.FRONTEND_URL)
    host, _port = split_domain_port(frontend.netloc)
    is_here = f"{frontend.path.rstrip('/')}/" == get_script_prefix()
    return is_here and validate_host(host, settings.ALLOWED_HOSTS)


def digest(token: str) -> str:
    """Return a digest that identifies a link in a form without revealing its token."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]

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
from graphql_auth.errors import AccountError
from graphql_auth.mails.kind import Kind
from graphql_auth.pages import cookies, texts
from graphql_auth.pages.cookies import DECLINED, DONE, OPEN, SENT
from graphql_auth.pages.forms import NewLinkForm, PageForm
from graphql_auth.pages.template import page

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
    closed_text: ClassVar[Promise] = texts.CLOSED
    closed_way_out: ClassVar[Promise | None] = None

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
            return HttpResponseRedirect(self.address)
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
                return self.leave(SENT)
        return self.show(new_link_form=form)

    def show(
        self, *, form: PageForm | None = None, new_link_form: PageForm | None = None, notice: Promise | None = None
    ) -> HttpResponse:
        """Return the page for the state in the cookie, with the invalid form or new forms."""
        state, token = self.read_cookie()
        new_link = {"way_out": self.way_out, "new_link_form": new_link_form or (NewLinkForm() if self.send else None)}
        if state == DONE:
            return self.render(kind="done", title=self.done_title, text=self.done_text)
        if state == DECLINED:
            return self.render(kind="declined", title=self.declined_title, text=self.declined_text)
        if state == SENT:
            new_link["way_out"] = texts.SENT_WAY_OUT
            return self.render(kind="sent", title=texts.SENT_TITLE, text=texts.SENT_TEXT, **new_link)
        if state != OPEN:
            new_link["way_out"] = self.closed_way_out or self.way_out
            return self.render(kind="closed", title=self.title, text=self.closed_text, **new_link)
        try:
            target = self.check(token=token)
        except AccountError as refusal:
            context = {"reason": refusal.all_reasons[0], "text": texts.EXPLANATIONS.get(refusal.code, "")}
            if refusal.code in texts.SETTLED_TITLES:
                return self.render(kind="settled", title=texts.SETTLED_TITLES[refusal.code], **context)
            return self.render(kind="refused", title=texts.REFUSED_TITLE, **context, **new_link)
        return self.render(
            kind="open",
            title=self.title,
            text=self.text,
            notice=notice,
            address=target.address,
            account=self.account_text % {"account": target.account} if target.account else "",
            form=form or self.form_class(),
            link=digest(token),
        )

    def render(self, **context: Any) -> HttpResponse:
        """Render the page."""
        return page(self.request, journey=self, **context)

    def read_cookie(self) -> tuple[str, str]:
        """Return the state of the page, and the token of the open link."""
        return cookies.read(self.request, self.cookie_name)

    def leave(self, state: str, token: str = "") -> HttpResponse:
        """Set the cookie and redirect to the page, so that reloading or going back repeats nothing."""
        response = HttpResponseRedirect(self.address)
        cookies.write(response, self.cookie_name, state=state, token=token, path=self.address)
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

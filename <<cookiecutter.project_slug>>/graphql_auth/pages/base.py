"""The page of a link: what every journey that starts with a mail shares."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from graphql_auth import tokens
from graphql_auth.errors import NON_FIELD, AccountError
from graphql_auth.mails import kinds
from graphql_auth.pages import cookies, texts
from graphql_auth.pages.cookies import DECLINED, DONE, OPEN, SENT
from graphql_auth.pages.forms import NewLinkForm, PageForm
from graphql_auth.pages.template import page

# Where a server puts the address of a request.
ADDRESSES = {"PATH_INFO", "RAW_URI", "REQUEST_URI"}


# Outside ATOMIC_REQUESTS, a page can report that a mail was not sent.
@method_decorator([never_cache, sensitive_post_parameters(), non_atomic_requests], name="dispatch")
class LinkPage(View):
    """A journey that starts with a link in a mail: what its page says, and the flows it calls.

    `check` returns the address that a token is about; `use` does what the button says, with the token and the fields
    of `form_class`; `decline`, where there is one, does what a second button says, with the token alone; `send`, where
    there is one, mails a new link. Without a link the page is closed, and says so.
    """

    name: ClassVar[str]
    mail: ClassVar[kinds.Kind]
    check: ClassVar[Callable[..., tokens.Target]]
    use: ClassVar[Callable[..., Any]]
    decline: ClassVar[Callable[..., Any] | None] = None
    send: ClassVar[Callable[..., None] | None] = None
    form_class: ClassVar[type[PageForm]] = PageForm
    address_label: ClassVar[Promise] = _("Account")
    # Says which account it is, where a link was mailed to another address than the primary one.
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
        """Answer, unless links lead elsewhere."""
        if token:
            # A log or a report of an error may show the request.
            request.path = request.path_info = f"/{self.mail.path}/[token]"
            request.META |= dict.fromkeys(ADDRESSES & request.META.keys(), request.path)
        if not links_lead_here():
            raise Http404
        response = super().dispatch(request, **({"token": token} if token else {}))
        # With "no-referrer" a browser would send `Origin: null`, and Django would take the form for a forged one.
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str = "") -> HttpResponse:
        """Open the link of `token`, or show the page of the one that is open. Either changes nothing."""
        return self.leave(OPEN, token) if token else self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do what the button of the form says."""
        return self.send_link(self.send) if self.send and "email" in request.POST else self.use_link()

    def use_link(self) -> HttpResponse:
        """Use the token of the link that is open, if the form was made for it."""
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
        """Mail a new link: within the limits of the API, and telling no more than it does of who has an account."""
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
        """Return the page as the cookie says, with the form that was refused or with fresh ones."""
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
            reason = refusal.errors[NON_FIELD][0]
            context = {"reason": reason, "text": texts.EXPLANATIONS.get(reason["code"], "")}
            if reason["code"] in texts.SETTLED:
                return self.render(kind="settled", title=reason["message"].removesuffix("."), **context)
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
        """Return the page, filled in."""
        return page(self.request, journey=self, **context)

    def read_cookie(self) -> tuple[str, str]:
        """Return the state of the page and, when a link is open, its token."""
        return cookies.read(self.request, self.cookie_name)

    def leave(self, state: str, token: str = "") -> HttpResponse:
        """Put `state` into the cookie and lead to the page, so that to reload it or to go back does nothing twice."""
        response = HttpResponseRedirect(self.address)
        cookies.write(response, self.cookie_name, state=state, token=token, path=self.address)
        return response

    @property
    def address(self) -> str:
        """The path of the page, without a token."""
        return reverse(f"account:{self.name}")

    @property
    def cookie_name(self) -> str:
        """The cookie's name; Django hides the value of one that says token in its reports of errors."""
        return f"{self.name}_token"


def links_lead_here() -> bool:
    """Return whether links lead here: whether FRONTEND_URL is at a host that this site answers to."""
    host, _port = split_domain_port(urlsplit(settings.FRONTEND_URL).netloc)
    return validate_host(host, settings.ALLOWED_HOSTS)


def digest(token: str) -> str:
    """Return what tells one link from another in a form, and opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]

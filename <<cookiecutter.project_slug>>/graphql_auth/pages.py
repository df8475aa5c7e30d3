"""The pages that the links in mails open, for a site without a front end of its own.

Opening a link changes nothing, because mail scanners open links too: it moves the token from the address to a cookie
and leads to a page, whose button does the work. So the token is in no Referer and stays in no address bar, and no table
holds it. The rules are those of the API: the pages call the flows.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port, validate_host
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from graphql_auth import tokens
from graphql_auth.errors import NON_FIELD, AccountError, Refusal
from graphql_auth.fields import AddressFormField
from graphql_auth.flows import passwords, registration, secondary_email
from graphql_auth.mails import kinds

# What the cookie of a page says, and for how long: which link is open, or what was done last.
OPEN, DONE, DECLINED, SENT = "open", "done", "declined", "sent"
COOKIE_AGES = {OPEN: timedelta(hours=1)} | dict.fromkeys((DONE, DECLINED, SENT), timedelta(minutes=5))
# Where a server puts the address of a request.
ADDRESSES = {"PATH_INFO", "RAW_URI", "REQUEST_URI"}
LONGEST_COOKIE = 3000  # characters; browsers drop one of more than 4096 bytes

SENT_TITLE = _("Check your inbox")
SENT_TEXT = _(
    "If there is an account with this address, a mail with a link is on its way. It may be in your spam folder."
)
SENT_WAY_OUT = _("If nothing comes, you can ask once more.")
CLOSED_TEXT = _(
    "Open the link of your mail to go on. If you just did, allow this site to keep a cookie, and open it again."
)
FORGED_TITLE = _("That did not work")
FORGED_TEXT = _(
    "The page was open for too long, or your browser did not send the cookie that goes with it. Allow cookies for this "
    "site, load the page again and repeat what you did."
)
REFUSED_TITLE = _("This link cannot be used")
EXPLANATIONS = {
    Refusal.EXPIRED_TOKEN.code: _("Links in mails work for a limited time."),
    Refusal.INVALID_TOKEN.code: _(
        "A link works once, and only until something else about the account changes. If you have just used this one, "
        "it worked. If you have not, make sure that its address was not cut off."
    ),
    Refusal.ALREADY_VERIFIED.code: _("There is nothing left to do here. You can log in."),
    Refusal.PASSWORD_ALREADY_SET.code: _("You can log in with it."),
    Refusal.EMAIL_TAKEN.code: _("An address belongs to one account only."),
}
SETTLED = {Refusal.ALREADY_VERIFIED.code, Refusal.PASSWORD_ALREADY_SET.code}


class PageForm(forms.Form):
    """A form of these pages: it shows what a flow found, and takes the focus to the first field in error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def add_error(self, field: Any, error: Any) -> None:
        """Add an error, as Django's forms do."""
        super().add_error(field, error)
        if list(self.errors) == [field]:
            self.fields[field].widget.attrs["autofocus"] = True

    def add_refusal(self, refusal: AccountError) -> None:
        """Add the reasons of a refused flow, each at its field."""
        for field, reasons in refusal.errors.items():
            for reason in reasons:
                error = ValidationError(reason["message"], code=reason["code"])
                self.add_error(field if field in self.fields else None, error)


class PasswordForm(PageForm):
    """A new password, twice. Whether it is good enough is the flow's to say."""

    new_password1, new_password2 = SetPasswordMixin.create_password_fields(_("New password"), _("New password again"))


class NewLinkForm(PageForm):
    """The address to mail a new link to."""

    email = AddressFormField(label=_("Email address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
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
    closed_text: ClassVar[Promise] = CLOSED_TEXT
    closed_way_out: ClassVar[Promise | None] = None

    def dispatch(self, request: HttpRequest, token: str = "") -> HttpResponseBase:
        """Answer, unless links lead elsewhere."""
        if token:
            # A log or a report of an error may show the request.
            request.path = request.path_info = f"/{self.mail.path}/[token]"
            request.META |= dict.fromkeys(ADDRESSES & request.META.keys(), request.path)
        if not are_on():
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
            new_link["way_out"] = SENT_WAY_OUT
            return self.render(kind="sent", title=SENT_TITLE, text=SENT_TEXT, **new_link)
        if state != OPEN:
            new_link["way_out"] = self.closed_way_out or self.way_out
            return self.render(kind="closed", title=self.title, text=self.closed_text, **new_link)
        try:
            target = self.check(token=token)
        except AccountError as refusal:
            reason = refusal.errors[NON_FIELD][0]
            context = {"reason": reason, "text": EXPLANATIONS.get(reason["code"], "")}
            if reason["code"] in SETTLED:
                return self.render(kind="settled", title=reason["message"].removesuffix("."), **context)
            return self.render(kind="refused", title=REFUSED_TITLE, **context, **new_link)
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
        state, _dot, token = self.request.COOKIES.get(self.cookie_name, "").partition(".")
        return state, unquote(token)

    def leave(self, state: str, token: str = "") -> HttpResponse:
        """Put `state` into the cookie and lead to the page, so that to reload it or to go back does nothing twice."""
        response = HttpResponseRedirect(self.address)
        response.set_cookie(
            self.cookie_name,
            f"{state}.{quote(token, safe=':')}"[:LONGEST_COOKIE],
            max_age=COOKIE_AGES[state],
            path=self.address,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    @property
    def address(self) -> str:
        """The path of the page, without a token."""
        return reverse(f"account:{self.name}")

    @property
    def cookie_name(self) -> str:
        """The cookie's name; Django hides the value of one that says token in its reports of errors."""
        return f"{self.name}_token"


class Activation(LinkPage):
    """Verify the address of a new account."""

    name = "activate"
    mail = kinds.ACTIVATION
    check = staticmethod(registration.check_activation)
    use = staticmethod(registration.verify_account)
    send = staticmethod(registration.resend_activation_email)
    title = _("Activate your account")
    text = _(
        "Activating the account keeps the password that was chosen at registration. Activate it only if you registered "
        "yourself. If you did not, say so: then that password does not work any more. Nothing is deleted."
    )
    button = _("Activate the account")
    decline = staticmethod(registration.disown_account)
    decline_button = _("I did not register")
    declined_title = _("The password does not work any more")
    declined_text = _(
        "Nobody can log in to the account with it, and whoever was logged in is logged out. You can close this page. "
        "If you want the account for yourself, have a link sent and choose a password."
    )
    done_title = _("Your account is activated")
    done_text = _("The address is verified. Log in now; where you were logged in before, log in again.")


class SecondaryActivation(LinkPage):
    """Verify a secondary address."""

    name = "activate_secondary"
    mail = kinds.SECONDARY_EMAIL_ACTIVATION
    check = staticmethod(secondary_email.check_secondary_email)
    use = staticmethod(secondary_email.verify_secondary_email)
    address_label = _("Secondary address")
    account_text = _("It becomes the secondary address of the account of %(account)s.")
    title = _("Confirm your secondary address")
    text = _(
        "Confirm the address only if the account is yours. If it is not, close this page: who has that account could "
        "take over what you do with this address."
    )
    button = _("Confirm the address")
    done_title = _("Your secondary address is confirmed")
    done_text = _("It belongs to your account now. You can close this page.")
    way_out = _("To have a new link sent, log in and add the address again.")


class PasswordReset(LinkPage):
    """Choose a new password."""

    name = "password_reset"
    mail = kinds.PASSWORD_RESET
    check = staticmethod(passwords.check_password_reset)
    use = staticmethod(passwords.password_reset)
    send = staticmethod(passwords.send_password_reset_email)
    form_class = PasswordForm
    account_text = _("The link opens the account of %(account)s, which has this address as its secondary one.")
    title = _("Choose a new password")
    text = _(
        "With the new password, everything that is logged in to the account will be logged out. The account is "
        "activated, or opened again, if it was not active."
    )
    closed_text = _("If you have forgotten your password, have a link sent to the address of your account.")
    closed_way_out = _("If you have just opened it, allow this site to keep a cookie, and open it again.")
    button = _("Set the new password")
    done_title = _("Your new password is set")
    done_text = _("Everything that was logged in to the account is logged out. Log in with the new password.")


class PasswordSet(LinkPage):
    """Choose the first password."""

    name = "password_set"
    mail = kinds.PASSWORD_SET
    check = staticmethod(passwords.check_password_set)
    use = staticmethod(passwords.password_set)
    send = staticmethod(registration.resend_activation_email)
    form_class = PasswordForm
    title = _("Choose a password")
    text = _("Choose the password with which you will log in. It also verifies your address.")
    button = _("Set the password")
    done_title = _("Your password is set")
    done_text = _("Your address is verified too. Log in with the password.")


def are_on() -> bool:
    """Return whether links lead here: whether FRONTEND_URL is at a host that this site answers to."""
    host, _port = split_domain_port(urlsplit(settings.FRONTEND_URL).netloc)
    return validate_host(host, settings.ALLOWED_HOSTS)


def digest(token: str) -> str:
    """Return what tells one link from another in a form, and opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form, of these pages or of the admin, that came without its cookie. For CSRF_FAILURE_VIEW."""
    return page(request, status=403, kind="refused", title=FORGED_TITLE, text=FORGED_TEXT)


def page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Return the one template of these pages, filled in."""
    site_name = getattr(settings, "SITE_NAME", request.get_host())
    return render(request, "account/page.html", {"site_name": site_name, **context}, status=status)

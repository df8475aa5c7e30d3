"""What the pages of all journeys say."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import Refusal


class Explanation(NamedTuple):
    """Why a link cannot be used, as the title and the text of its page."""

    title: Promise
    text: Promise


SENT_TITLE = _("Check your inbox")
SENT_TEXT = _(
    "If there is an account with the address %(address)s, a mail with a link is on its way. It may be in your spam "
    "folder."
)
SENT_WAY_OUT = _("If nothing comes, you can ask once more.")
CLOSED = _("Open the link of your mail to go on.")
NO_COOKIE = _("Your browser did not keep the cookie of the link. Allow this site to keep a cookie, and open it again.")
FORGOTTEN_TITLE = _("Forgot your password?")
FORGED_TITLE = _("That did not work")
FORGED_TEXT = _(
    "The page was open for too long, or your browser did not send the cookie that goes with it. Allow cookies for this "
    "site, load the page again and repeat what you did."
)

USED = Explanation(
    _("This link does not work any more"),
    _(
        "A link works once, and only until something else about the account changes. If you have just used it, it "
        "worked."
    ),
)
REFUSED = {
    Refusal.EXPIRED_TOKEN.code: Explanation(_("This link has expired"), _("Links in mails work for a limited time.")),
    Refusal.INVALID_TOKEN.code: Explanation(
        _("This link is not complete"),
        _("Its address seems to be cut off. Open it from the mail again, or copy all of it."),
    ),
    Refusal.EMAIL_TAKEN.code: Explanation(
        _("This address belongs to another account"), _("An address belongs to one account only.")
    ),
}
SETTLED = {
    Refusal.ALREADY_VERIFIED.code: Explanation(
        _("Your account is active already"), _("There is nothing left to do here. You can log in.")
    ),
    Refusal.PASSWORD_ALREADY_SET.code: Explanation(_("Your password is set already"), _("You can log in with it.")),
}
# What forms say in place of the messages of the API.
FORM_ERRORS = {
    Refusal.EMAIL_FAIL.code: _("The mail could not be sent. Try again in a few minutes."),
    Refusal.ALREADY_VERIFIED.code: _("This account is active already. You can log in."),
}

"""What the pages of all journeys say."""

from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import Refusal

SENT_TITLE = _("Check your inbox")
SENT_TEXT = _(
    "If there is an account with this address, a mail with a link is on its way. It may be in your spam folder."
)
SENT_WAY_OUT = _("If nothing comes, you can ask once more.")
CLOSED = _("Open the link of your mail to go on. If you just did, allow this site to keep a cookie, and open it again.")
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
SETTLED_TITLES = {
    Refusal.ALREADY_VERIFIED.code: _("Account already verified"),
    Refusal.PASSWORD_ALREADY_SET.code: _("Password already set for account"),
}

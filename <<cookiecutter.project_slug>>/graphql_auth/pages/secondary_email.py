"""The page that confirms a secondary address."""

from django.utils.translation import gettext_lazy as _

from graphql_auth.flows import secondary_email
from graphql_auth.mails.secondary_email import SECONDARY_EMAIL_ACTIVATION
from graphql_auth.pages.base import LinkPage


class SecondaryActivation(LinkPage):
    """Verify a secondary address."""

    name = "activate_secondary"
    mail = SECONDARY_EMAIL_ACTIVATION
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
    done_text = _("It belongs to your account now.")
    way_out = _("To have a new link sent, log in and add the address again.")

"""The page that activates a new account."""

from django.utils.translation import gettext_lazy as _

from graphql_auth.flows import registration
from graphql_auth.mails import kinds
from graphql_auth.pages.base import LinkPage


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
        "Nobody can log in to the account with it, and whoever was logged in is logged out. "
        "If you want the account for yourself, have a link sent and choose a password."
    )
    done_title = _("Your account is activated")
    done_text = _("The address is verified. Log in now; where you were logged in before, log in again.")

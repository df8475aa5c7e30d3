"""The pages that take a new password."""

from django.utils.translation import gettext_lazy as _

from graphql_auth.flows import passwords, registration
from graphql_auth.mails import kinds
from graphql_auth.pages import texts
from graphql_auth.pages.base import LinkPage
from graphql_auth.pages.forms import PasswordForm


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
    closed_title = texts.FORGOTTEN_TITLE
    closed_text = _("Enter the email address of your account to get a link with which you can choose a new one.")
    closed_way_out = ""
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

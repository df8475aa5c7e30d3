"""What a kind of mail is."""

from dataclasses import dataclass

from graphql_auth import tokens
from graphql_auth.conf import auth_settings


@dataclass(frozen=True)
class Kind:
    """One kind of mail: the settings that name its templates and path, and the purpose of the token in its link.

    `fixed_address`: the mail goes to the address it was queued for, even if that does not belong to the account.
    """

    name: str
    subject_setting: str
    template_setting: str
    purpose: tokens.Purpose | None = None
    path_setting: str = ""
    fixed_address: bool = False

    @property
    def subject_template(self) -> str:
        """The template of the subject."""
        return str(getattr(auth_settings, self.subject_setting))

    @property
    def html_template(self) -> str:
        """The template of the HTML body."""
        return str(getattr(auth_settings, self.template_setting))

    @property
    def verifies(self) -> bool:
        """Whether the link verifies the primary address, and so may only be sent there."""
        return self.purpose in (tokens.ACTIVATION, tokens.PASSWORD_SET, tokens.PASSWORD_RESET)

    @property
    def claims(self) -> bool:
        """Whether the link adds the address that it was mailed to to the account."""
        return self.fixed_address and self.purpose is not None

    @property
    def reports_address(self) -> bool:
        """Whether the mail reports that an address of the account changed."""
        return self.fixed_address and self.purpose is None

    @property
    def path(self) -> str:
        """The path of the link, before the token."""
        return str(getattr(auth_settings, self.path_setting)) if self.path_setting else ""

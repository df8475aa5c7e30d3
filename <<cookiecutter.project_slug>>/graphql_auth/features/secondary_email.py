"""The settings of the secondary email address."""

from datetime import timedelta

from endpoint.conf import Setting


class SecondaryEmailSettings:
    """Keys of GRAPHQL_AUTH."""

    ALLOW_LOGIN_WITH_SECONDARY_EMAIL = Setting(True, "tokenAuth's email may be the account's secondary address.")
    EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN = Setting(
        timedelta(hours=1), "How long the link that verifies a secondary address works."
    )
    ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL = Setting("activate-secondary", "The path of a secondary address's link.")
    EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION = Setting(
        "email/secondary_email_activation_subject.txt", "Template of a subject."
    )
    EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION = Setting(
        "email/secondary_email_activation_email.html", "Template of a body."
    )
    EMAIL_SUBJECT_SECONDARY_EMAIL_CHANGED = Setting(
        "email/secondary_email_changed_subject.txt", "Template of a subject."
    )
    EMAIL_TEMPLATE_SECONDARY_EMAIL_CHANGED = Setting("email/secondary_email_changed_email.html", "Template of a body.")

"""Signals for other code. They are sent after the change is committed."""

from django.dispatch import Signal

# An account was created: `user`.
user_registered = Signal()

# An account was verified for the first time: `user`.
user_verified = Signal()

# A mail was passed to the mail server: `mail`, with working links.
mail_sent = Signal()

"""What other code can listen to, after it is committed or done."""

from django.dispatch import Signal

# An account was created: `user`.
user_registered = Signal()

# The address of an account was verified for the first time: `user`.
user_verified = Signal()

# A mail was handed to the mail server: `mail`, whose links work.
mail_sent = Signal()

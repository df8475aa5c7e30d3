"""What other code can listen to. Each is sent after the change is committed, with `user`."""

from django.dispatch import Signal

# An account was created.
user_registered = Signal()

# The address of an account was verified for the first time.
user_verified = Signal()

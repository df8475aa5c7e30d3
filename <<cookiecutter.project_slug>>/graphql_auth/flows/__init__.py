"""The rules of accounts, one module for each journey.

A flow is a keyword-only function. It takes and returns models or values, opens its own transaction, which is the
outermost one, and raises AccountError when it refuses. Mails, and the signals of the project's own, are sent after
that transaction; `user_logged_in` is sent within it, as Django's own login does, so that a receiver can refuse.
"""

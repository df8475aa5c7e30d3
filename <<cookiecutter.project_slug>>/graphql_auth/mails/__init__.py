"""Mails: their kinds and recipients, and how they are rendered, queued and sent.

A mail is passed to Django's tasks in the transaction that causes it, as its kind, recipient and language, with an
encrypted email address. Its token is created and its text rendered when it is sent: right after the transaction with
the immediate backend, which is the default, or later by a worker.
"""

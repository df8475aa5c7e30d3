"""Mails: their kinds and recipients, and how they are rendered, queued and sent.

A mail is a task of Django's, with its kind, recipient and language, and an encrypted email address. Its token is
created and its text rendered when it is sent. With a backend that has a worker, the task is queued in the transaction
that causes the mail, and rolled back with it. The immediate backend, which is the default, gets the task after the
transaction and sends the mail at once.
"""

"""Mails: which kinds there are, who gets them, what they say, and how they are queued and sent.

A mail is handed to Django's tasks in the transaction that causes it, as kind, recipient and language; the address in it
is encrypted. Its token is made and its text rendered when it is sent. The immediate backend, which is the default,
sends it right after the transaction; a backend with a worker of its own sends it from there.
"""

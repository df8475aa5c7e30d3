"""The rules of accounts, one module for each journey.

A flow is a keyword-only function. It takes and returns models or values, opens its own transaction, which is the
outermost one, and raises AccountError when it refuses. What others should learn of it, mails and signals, happens
after that transaction.
"""

"""The business rules of accounts, in functions called flows: one module for each user journey.

A flow is a keyword-only function that takes and returns models or values. It opens its own transaction, which is the
outermost one, and raises AccountError to reject the operation. Mails and custom signals are sent after the
transaction; `user_logged_in` is sent within it, so that a receiver can prevent the login by raising an exception.
"""

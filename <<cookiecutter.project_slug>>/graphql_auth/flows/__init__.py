"""The business rules of accounts, in functions called flows: one module for each user journey.

A flow is a keyword-only function that takes and returns models or values. It joins its caller's transaction or opens
its own (see `transactions.py`), and raises AccountError to reject the operation. Mails and custom signals are sent
after the outermost commit; `user_logged_in` is sent within the transaction, so that a receiver can prevent the login
by raising an exception.
"""

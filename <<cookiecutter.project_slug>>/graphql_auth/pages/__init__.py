"""The pages behind the links in mails, for sites without their own front end.

Opening a link changes nothing, because mail scanners open links too. It moves the token from the URL to a cookie and
redirects to a page with a button that calls the flow. So the token does not leak through the Referer header or the
browser history, and is not stored. The pages call the same flows as the API.
"""

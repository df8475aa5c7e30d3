"""The pages that the links in mails open, for a site without a front end of its own.

Opening a link changes nothing, because mail scanners open links too: it moves the token from the address to a cookie
and leads to a page, whose button does the work. So the token is in no Referer and stays in no address bar, and no table
holds it. The rules are those of the API: the pages call the flows.
"""

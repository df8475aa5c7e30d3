"""The middleware that only pages need. API requests skip it."""

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware

from endpoint.middleware import PageMiddleware


class PageCSPMiddleware(PageMiddleware, CSPMiddleware):
    """Sends CONTENT_SECURITY_POLICY. The API has a stricter one."""


class PageSessionMiddleware(PageMiddleware, SessionMiddleware):
    """Provides `request.session`."""


class PageAuthenticationMiddleware(PageMiddleware, AuthenticationMiddleware):
    """Provides `request.user`, the user of the session. That of an API request is the user of its access token."""


class PageMessageMiddleware(PageMiddleware, MessageMiddleware):
    """Provides the messages of the admin."""

"""What the project's mails and refusals say, for tests of where it is said."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape

from graphql_auth.conf import auth_settings
from graphql_auth.errors import Refusal
from graphql_auth.mails import rendering
from graphql_auth.mails.kinds import Kind


def subject(kind: Kind) -> str:
    """Return the subject of mails of a kind, in the active language."""
    context = {"site_name": settings.SITE_NAME, **auth_settings.EMAIL_TEMPLATE_VARIABLES}
    return " ".join(render_to_string(kind.subject_template, context).split())


def moment(time: datetime) -> str:
    """Return a time as mails say it."""
    return rendering._time_in_words(time if settings.USE_TZ else timezone.make_naive(time))


def shown(text: object) -> str:
    """Return a text as a page shows it, in the active language."""
    return conditional_escape(str(text.message if isinstance(text, Refusal) else text))

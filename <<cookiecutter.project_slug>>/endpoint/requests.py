"""Reads the GraphQL request from the body and negotiates the media type of the response.

Follows the GraphQL over HTTP specification.
"""

import json
import logging
import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.request import MediaType
from django.utils.translation import gettext as _

from endpoint.conf import endpoint_settings
from endpoint.logs import Once

logger = logging.getLogger("endpoint")

INSECURE = Once(
    logger,
    "A request came over http and was rejected. If clients reach your proxy over https, configure it to send "
    "X-Forwarded-Proto, and set TRUSTED_PROXIES to the number of your proxies.",
)

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"


class BadRequest(Exception):
    """A request is not a valid GraphQL request; `status` is the HTTP status of the response, `code` the error code."""

    def __init__(self, message: str, status: int = 400, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code


@dataclass(frozen=True)
class GraphQLRequest:
    """The parameters of a GraphQL request."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


def accepted_media_type(request: HttpRequest) -> str:
    """Return the media type of the response according to the Accept header.

    The default is application/json; application/graphql-response+json is used when a client names it with at least the
    same preference. Raises BadRequest (406) when the client accepts neither.
    """
    ranges = [MediaType(part) for part in request.headers.get("Accept", "").split(",") if part.strip()]
    if not ranges:
        return JSON
    json_quality, _specificity = _quality(ranges, JSON)
    quality, specificity = _quality(ranges, GRAPHQL_RESPONSE)
    is_named = specificity >= 2
    if quality > json_quality or (is_named and quality == json_quality > 0):
        return GRAPHQL_RESPONSE
    if json_quality > 0:
        return JSON
    raise BadRequest(
        _("The response is %(first)s or %(second)s: accept one of them.") % {"first": JSON, "second": GRAPHQL_RESPONSE},
        406,
    )


def require_https(request: HttpRequest) -> None:
    """Raise BadRequest (403) for a request over http when SECURE_SSL_REDIRECT is on.

    A redirect would hide that the request was sent unencrypted.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        INSECURE.log()
        url = f"https://{request.get_host()}{request.path}"
        message = _(
            "Send the request to %(url)s. This one came over http: if it contained a password, change that password."
        )
        raise BadRequest(message % {"url": url}, 403, "FORBIDDEN")


def require_post(request: HttpRequest) -> None:
    """Raise BadRequest (405) for any method but POST."""
    if request.method != "POST":
        raise BadRequest(
            _(
                "Send a POST request. The endpoint does not answer GET: turn it off in the client, for instance "
                "useGETForQueries in Apollo or preferGetMethod in urql."
            ),
            405,
        )


def read(request: HttpRequest) -> GraphQLRequest:
    """Return the GraphQL request in the body. Raises BadRequest."""
    if request.content_type == "multipart/form-data":
        raise BadRequest(
            _("Send the Content-Type application/json. The endpoint does not accept files: write a view for them."),
            415,
        )
    if request.content_type != JSON:
        raise BadRequest(_("Send the Content-Type application/json."), 415)
    data = _parse(_body(request))
    # Some clients send null or an empty string for a parameter that they omit.
    given = {name: value for name, value in data.items() if value is not None and value != ""}
    query, variables = data.get("query"), given.get("variables")
    operation_name, extensions = given.get("operationName"), given.get("extensions")
    if not isinstance(extensions, dict | None):
        raise BadRequest(_('"extensions" must be an object.'))
    if "query" not in given and "persistedQuery" in (extensions or {}):
        # On this message, Apollo's and urql's persisted queries send the whole document.
        raise BadRequest("PersistedQueryNotSupported", 200, "PERSISTED_QUERY_NOT_SUPPORTED")
    if not isinstance(query, str):
        raise BadRequest(_('The body must be an object with a "query".'))
    if not isinstance(variables, dict | None):
        raise BadRequest(_('"variables" must be an object.'))
    if not isinstance(operation_name, str | None):
        raise BadRequest(_('"operationName" must be a string.'))
    if not _is_text([query, variables, operation_name]):
        raise BadRequest(_("The body contains a character that is not text: NUL or half of a surrogate pair."))
    return GraphQLRequest(query, variables or {}, operation_name)


def _quality(ranges: list[MediaType], media_type: str) -> tuple[float, int]:
    """Return the quality and specificity of the most specific range with the media type (RFC 9110, 12.5.1)."""
    main_type, _slash, sub_type = media_type.partition("/")
    matching = [
        accepted
        for accepted in ranges
        if accepted.main_type in {"*", main_type} and accepted.sub_type in {"*", sub_type}
    ]
    best = max(matching, key=lambda accepted: accepted.specificity, default=None)
    return (best.quality, best.specificity) if best else (0, 0)


def _body(request: HttpRequest) -> bytes:
    most = endpoint_settings.MAX_BODY_BYTES
    try:
        is_too_long = int(request.META.get("CONTENT_LENGTH") or 0) > most or len(request.body) > most
    except RequestDataTooBig:
        is_too_long = True
    except (ValueError, UnreadablePostError):
        raise BadRequest(_("The body cannot be read: it must be as long as Content-Length says.")) from None
    if is_too_long:
        raise BadRequest(_("The body is longer than %(most)d bytes.") % {"most": most}, 413)
    return request.body


def _parse(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise BadRequest(_("The body is not JSON in UTF-8.")) from None
    if not isinstance(data, dict):
        raise BadRequest(_('The body must be an object with a "query".'))
    return data


def _is_text(values: list[Any]) -> bool:
    # Iterative, because clients can nest values more deeply than Python can recurse.
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            values += value
        elif isinstance(value, str) and ("\0" in value or not _encodes(value)):
            return False
    return True


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("more than a float holds")
    return number

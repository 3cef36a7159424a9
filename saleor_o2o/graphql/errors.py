"""What people see when a request goes wrong: stock's answers for what stock handles, clear ones for the rest."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from graphql.error import GraphQLError
from graphql_jwt.exceptions import JSONWebTokenError
from saleor.core.exceptions import ReadOnlyException

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.request import current, new_request_id

#: Said to the client in their own words, as stock does: they speak of the request, not of our insides.
SPOKEN = (
    GraphQLError,
    JSONWebTokenError,
    ReadOnlyException,
    PermissionDenied,
    ValidationError,
    ObjectDoesNotExist,
    AssertionError,  # how Saleor and graphene say "wrong kind of id", "more than 100 records" and the like
)


#: How drivers and the database say that a text has a zero byte.
_NO_TEXT = ("NUL (0x00)", "unsupported Unicode escape sequence", "invalid byte sequence")


class GraphqlErrorCode(StrEnum):
    """Codes of the GraphQL layer itself, in ``extensions.code``."""

    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    BATCH_TOO_LARGE = "BATCH_TOO_LARGE"
    QUERY_TOO_LARGE = "QUERY_TOO_LARGE"
    QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
    FRAGMENT_CYCLE = "FRAGMENT_CYCLE"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    INTROSPECTION_TOO_DEEP = "INTROSPECTION_TOO_DEEP"
    INTERNAL_ERROR = "INTERNAL_ERROR"


def malformed(message: str, hint: str | None = None) -> DomainError:
    """An error for a request that cannot be read."""
    return DomainError(GraphqlErrorCode.MALFORMED_REQUEST, message, hint=hint)


def root_cause(error: object) -> object:
    """The exception that a resolver raised, out of graphql-core's wrappers."""
    while isinstance(error, GraphQLError) and hasattr(error, "original_error"):
        error = error.original_error
    return error


def present(error: object, formatted: dict[str, Any]) -> dict[str, Any]:
    """Adjust stock's formatted error.

    A :class:`DomainError` gets its code, hint and field. What a resolver did not expect keeps stock's code but, outside
    development, not its text, which may speak of tables, files or people: a request id leads to it in the logs. What
    cannot be stored at all is the client's.
    Everything else stays as stock formatted it, byte for byte.
    """
    cause = root_cause(error)
    extensions = formatted["extensions"]
    if isinstance(cause, DomainError):
        formatted["message"] = cause.message
        said = cause.as_dict()
        extensions["code"] = said["code"]
        extensions.update({name: said[name] for name in ("field", "hint") if said[name] is not None})
    elif unreadable := _unreadable(cause):
        formatted["message"] = unreadable
        extensions["code"] = GraphqlErrorCode.MALFORMED_REQUEST.value
    elif _is_internal(error, cause) and not settings.DEBUG:
        ident = current().request_id or new_request_id()
        formatted["message"] = _("系统繁忙，请稍后再试（编号 %(id)s）") % {"id": ident}
        extensions["code"] = GraphqlErrorCode.INTERNAL_ERROR.value
        extensions["requestId"] = ident
    return formatted


def _unreadable(cause: object) -> str:
    """What to say of a value that no row and no calendar can hold, wherever it was met; empty for other errors.

    Zero bytes and halves of characters come with clients that try what happens, and days after the last one of the
    calendar; each field would have to look at each of its texts.
    """
    if isinstance(cause, UnicodeEncodeError) or (
        isinstance(cause, ValueError | DatabaseError) and any(words in str(cause) for words in _NO_TEXT)
    ):
        return _("提交的文字里有无法识别的字符，请删去后重试")
    if isinstance(cause, OverflowError) and "date" in str(cause):
        return _("提交的日期太早或太晚，请改正后重试")
    return ""


def _is_internal(error: object, cause: object) -> bool:
    # Only what a resolver raised can speak of our insides; outside of resolvers an error is about the request
    # ("Must provide a query string.", a variable that a scalar cannot read), unless the database is the one to speak.
    if isinstance(cause, DatabaseError):
        return True
    return isinstance(error, GraphQLError) and cause is not error and not isinstance(cause, SPOKEN)

"""Who is asking: told once per request from its ``Authorization`` header, and from nothing else.

Stock asks again at every field (a middleware of graphene): for a page of products that is hundreds of times.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from graphql_jwt.settings import jwt_settings
from saleor.graphql.middleware import get_app

from saleor_o2o.kernel.request import ANONYMOUS

BEARER = "bearer"
#: What a browser client puts together from its scheme and the token it does not have.
LOGGED_OUT = "null"


def actor_of(request: HttpRequest) -> str:
    """Who an identified request acts for, as moves, audit lines and refunds remember it."""
    return f"user:{request.user.pk}" if request.user.is_authenticated else ANONYMOUS


def identify(request: HttpRequest) -> bool:
    """Set ``request.user`` and ``request.app`` from the header; return False if a token was given and refused.

    No token, a token of somebody unknown, or another scheme: nobody. Cookies are never looked at, since the API has
    no CSRF protection. One query for a user's token; an app is looked up when first asked for, as in stock. After
    False the user is anonymous, and stock's own middleware has to run, to put the error where stock puts it.
    """
    request.user = AnonymousUser()
    request.app = None  # type: ignore[attr-defined]
    parts = request.META.get(jwt_settings.JWT_AUTH_HEADER_NAME, "").split()
    if len(parts) != 2:
        return True
    scheme, token = parts[0].lower(), parts[1]
    if scheme == BEARER:
        request.app = SimpleLazyObject(lambda: get_app(token))  # type: ignore[attr-defined]
    elif scheme == jwt_settings.JWT_AUTH_HEADER_PREFIX.lower() and token != LOGGED_OUT:
        try:
            user = authenticate(request=request)
        except Exception:  # noqa: BLE001 - whatever refused it, stock's middleware will meet it again and report it
            return False
        if user is not None:
            request.user = user
    return True

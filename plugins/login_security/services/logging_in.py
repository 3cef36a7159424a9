"""A token for somebody of the staff."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.utils import timezone
from graphql_jwt.settings import jwt_settings

from plugins.org_hierarchy.interfaces import OrgError

from ..errors import CodeRequired, LockedOut, NotEnrolled, WrongPassword
from ..models import Outcome
from ..places import Place
from . import history, throttle
from .factor import needs_code, state_of, verify
from .switched_off import why_off

#: Set on a request when a code was checked in it; the token says so then.
VERIFIED = "o2o_second_factor_shown"


def staff_token(context: Any, email: str, password: str, otp: str, place: Place) -> tuple[Any, str]:
    """Check password and, where one is needed, code; return the user and a token.

    `context` is the request. Raises LockedOut, WrongPassword (also for shoppers), AccountOff,
    CodeRequired, NotEnrolled, WrongCode.
    """
    try:
        attempt = throttle.begin(email, place)
    except LockedOut:
        history.note_name(email, place, Outcome.LOCKED)
        raise
    # stock's backend for tokens would look at the header instead of the password
    context._jwt_token_auth = True
    user = authenticate(request=context, username=email, password=password)
    if user is None or not user.is_staff:
        history.note_name(email, place, Outcome.FAILED)
        raise why_off(email, password) or WrongPassword()
    throttle.succeeded(attempt)
    state = state_of(user)
    if needs_code(user, state):
        _check_code(user, state.confirmed_at is not None, otp, place)
        setattr(context, VERIFIED, True)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    history.note(user, place, Outcome.SUCCESS)
    payload = jwt_settings.JWT_PAYLOAD_HANDLER(user, context)
    return user, jwt_settings.JWT_ENCODE_HANDLER(payload, context)


def _check_code(user: Any, enrolled: bool, otp: str, place: Place) -> None:
    if not enrolled or not otp:
        history.note(user, place, Outcome.CODE_REQUIRED)
        raise CodeRequired if enrolled else NotEnrolled
    try:
        verify(user, otp)
    except OrgError:
        history.note(user, place, Outcome.CODE_WRONG)
        raise

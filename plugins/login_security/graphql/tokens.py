"""What a token of the API says about the login behind it, and whether that login still counts.

Handlers of graphql-jwt (setting `GRAPHQL_JWT`). Tokens of shoppers are stock's, with what the keeper of their logins
adds (`shoppers`). A staff token carries the epoch of the login when it is not the first, a mark of the password it was
got with, and whether a second factor was shown: whichever way the password is changed or reset, tokens of before end
with it, as sessions do. Who asks is still one statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from graphql_jwt.exceptions import JSONWebTokenError
from saleor.account.models import User
from saleor.graphql.utils import create_jwt_payload

from plugins.org_hierarchy.interfaces import Staff, StaffStatus
from saleor_o2o.kernel.clock import today

from ..models import LoginState
from ..services.accounts import seen
from ..services.logging_in import VERIFIED
from ..shoppers import Claims, shopper_logins

_EPOCH = "o2oEpoch"
_FACTOR = "o2oSecondFactor"
_MARK = "o2oPassword"
_SESSION = "o2oSession"


def make_payload(user: Any, context: Any = None) -> dict[str, Any]:
    """Stock's payload, and for staff what is said above; for shoppers what the keeper of their logins says."""
    payload: dict[str, Any] = create_jwt_payload(user, context)
    if not user.is_staff:
        return payload | shopper_logins().claims(user, context)
    before: Claims | None = getattr(user, "o2o_claims", None)  # a token that is being refreshed
    state = LoginState.objects.filter(user_id=user.pk).only("epoch").first()
    if state is not None and state.epoch:
        payload[_EPOCH] = state.epoch
    payload[_MARK] = password_mark(user)
    if getattr(context, VERIFIED, False) or (before is not None and before.second_factor):
        payload[_FACTOR] = True
    return payload


def read_claims(payload: Mapping[str, Any]) -> Claims | None:
    """The claims of a token that was signed by us; None without a user's name in it."""
    email = payload.get(User.USERNAME_FIELD)
    if not email:
        return None
    return Claims(
        str(email),
        bool(payload.get("is_staff")),
        int(payload.get(_EPOCH, 0)),
        bool(payload.get(_FACTOR)),
        str(payload.get(_MARK, "")),
        str(payload.get(_SESSION, "")),
    )


def password_mark(user: Any) -> str:
    """What changes with a password and tells nothing of it: the beginning of Django's mark for sessions."""
    return str(user.get_session_auth_hash())[:16]


def user_of(claims: Claims) -> User | None:
    """The user behind a token, None when there is none; one statement.

    Raises JSONWebTokenError for shoppers whose login has ended, and for staff who were logged out everywhere or whose
    password was changed since, or who need a second factor that this login has not shown.
    """
    found = User.objects.filter(email=claims.email)
    shoppers = shopper_logins()
    user = (_with_login(found) if claims.is_staff else shoppers.annotated(found, claims)).first()
    if user is not None and user.is_staff and not claims.is_staff:
        user = _with_login(found).first()  # became staff after the token was made
    if user is None or not user.is_active:
        return user
    if not user.is_staff:
        if not claims.is_staff:
            shoppers.check(user, claims)
        user.o2o_claims = claims
        return user
    state: LoginState | None = getattr(user, "o2o_login", None)
    same_password = constant_time_compare(claims.password, password_mark(user))
    if claims.epoch != (state.epoch if state else 0) or not same_password:
        raise JSONWebTokenError(_("登录已失效，请重新登录"))
    needs = user.o2o_needs_factor or (state is not None and state.confirmed_at is not None)
    if needs and not claims.second_factor:
        raise JSONWebTokenError(_("该账号需要二次验证，请用 staffTokenCreate 登录"))
    user.o2o_claims = claims
    seen(getattr(user, "o2o_staff", None))
    return user


def _with_login(found: Any) -> Any:
    day = today()
    needing = Staff.objects.filter(
        Q(grants__valid_to__isnull=True) | Q(grants__valid_to__gte=day),
        user_id=OuterRef("pk"),
        status=StaffStatus.ACTIVE,
        grants__state="active",
        grants__valid_from__lte=day,
        grants__role__is_active=True,
        grants__role__needs_second_factor=True,
    )
    return found.select_related("o2o_login", "o2o_staff").annotate(o2o_needs_factor=Exists(needing))

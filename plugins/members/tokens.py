"""What members' tokens say beside stock's: the session of the login. A token ends when its session does.

Stock 2.10.1 keeps nothing by which a token could be taken back: it is good as long as its signature and the account
are. Every token of a shopper therefore names a row of ours, whichever door it came through, stock's `tokenCreate`
included. Decision 0046.
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from graphql_jwt.exceptions import JSONWebTokenError

from plugins.login_security.interfaces import ShopperLogins

from .devices import device_of
from .kinds import Way
from .models import MemberSession
from .services.registering import ensure_member
from .services.sessions import open_session, seen

SESSION = "o2oSession"


class MemberLogins(ShopperLogins):
    """The keeper of shoppers' logins (`plugins.login_security`)."""

    def claims(self, user: Any, context: Any) -> dict[str, Any]:
        if user.pk is None:
            return {}
        key = getattr(user, "o2o_session_key", "")
        before = getattr(user, "o2o_claims", None)
        if not key and before is not None:  # a token that is being refreshed
            return {SESSION: before.session} if before.session else {}
        if not key:  # stock's way in
            device = device_of(context) if context is not None else None
            key = open_session(ensure_member(user), Way.STOCK, device).key
        return {SESSION: key}

    def annotated(self, found: Any, claims: Any) -> Any:
        live = MemberSession.objects.filter(
            key=claims.session, member__user_id=OuterRef("pk"), ended_at__isnull=True
        )
        return found.select_related("o2o_member").annotate(
            o2o_session_seen=Subquery(live.values("seen_at")[:1])
        )

    def check(self, user: Any, claims: Any) -> None:
        member = getattr(user, "o2o_member", None)
        if claims.session:
            if user.o2o_session_seen is None:
                raise JSONWebTokenError(_("登录已失效，请重新登录"))
            seen(claims.session, user.o2o_session_seen)
        elif member is not None and member.epoch:
            # made before there were sessions, and all logins were ended since
            raise JSONWebTokenError(_("登录已失效，请重新登录"))

"""``memberQrPoll``: how far a screen's code has come; logs in, once."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.qr import poll
from ..types import MemberQrStateEnum, MemberType, errors_field, errors_of


class MemberQrPoll(graphene.Mutation):
    """Ask every two seconds."""

    state = graphene.Field(MemberQrStateEnum, description="进展；GONE 为失效，请刷新二维码")
    token = graphene.String(description="令牌；确认后的第一次查询给出，只给一次")
    member = graphene.Field(MemberType, description="会员")
    errors = errors_field()

    class Arguments:
        secret = graphene.String(required=True, description="memberQrStart 给的 secret")

    class Meta:
        description = "电脑查询扫码登录的进展；手机确认后的第一次查询即登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, secret: str) -> MemberQrPoll:
        """Errors come back in ``errors``."""
        try:
            state, tokens = poll(secret[:200])
        except DomainError as error:
            return cls(errors=errors_of(error))
        if tokens is None:
            return cls(state=state, errors=[])
        return cls(state=state, token=tokens.token, member=tokens.member, errors=[])

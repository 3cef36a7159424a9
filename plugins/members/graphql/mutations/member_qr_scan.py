"""``memberQrScan``: the phone has read a screen's code."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError

from ...services.qr import scan
from ..types import errors_field, errors_of, own_member


class MemberQrScan(graphene.Mutation):
    """What to ask the person about."""

    device = graphene.String(description="想登录的电脑")
    ip = graphene.String(description="它的网络地址")
    match = graphene.String(description="核对数字，应与电脑上的相同")
    started_at = graphene.DateTime(description="什么时候")
    errors = errors_field()

    class Arguments:
        content = graphene.String(required=True, description="二维码的内容")

    class Meta:
        description = "手机扫码：之后只有这位会员能确认。须已登录。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, content: str) -> MemberQrScan:
        """Errors come back in ``errors``."""
        try:
            row = scan(own_member(info), content)
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(device=row.device, ip=row.ip, match=row.match, started_at=row.started_at, errors=[])

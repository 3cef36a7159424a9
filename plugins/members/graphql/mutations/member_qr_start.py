"""``memberQrStart``: a code for a screen."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of, retry_after

from ...errors import TooOften
from ...services.qr import picture_of, start
from ..types import MemberDeviceInput, device_in, errors_field, errors_of

PER_MINUTE = 60


class MemberQrStart(graphene.Mutation):
    """Show `content` as a QR code, keep `secret`, poll."""

    content = graphene.String(description="二维码的内容")
    image = graphene.String(description="二维码图片（SVG 的 data 地址）")
    secret = graphene.String(description="本页保存，查询进展用；不要显示")
    match = graphene.String(description="显示在二维码旁的两位数字，手机上会显示同样的，请顾客核对")
    expires_at = graphene.DateTime(description="有效至")
    errors = errors_field()

    class Arguments:
        device = MemberDeviceInput(description="电脑")

    class Meta:
        description = "电脑上扫码登录：取得二维码。2 分钟内有效。"

    @classmethod
    def mutate(cls, _root: Any, info: Any, device: Any = None) -> MemberQrStart:
        """Errors come back in ``errors``."""
        try:
            wait = retry_after("member-qr", asker_of(info.context), PER_MINUTE)
            if wait:
                raise TooOften(wait)
            shown = start(device_in(info, device))
        except DomainError as error:
            return cls(errors=errors_of(error))
        return cls(
            content=shown.content,
            image=picture_of(shown.content),
            secret=shown.secret,
            match=shown.match,
            expires_at=shown.expires_at,
            errors=[],
        )

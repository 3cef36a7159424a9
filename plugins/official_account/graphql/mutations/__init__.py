"""Mutations of the official account, one per file."""

import graphene

from .wechat_login import WechatLogin
from .wechat_login_start import WechatLoginStart
from .wechat_payer import WechatPayer


class OfficialAccountMutations(graphene.ObjectType):
    """What pages inside WeChat do."""

    wechat_login = WechatLogin.Field()
    wechat_login_start = WechatLoginStart.Field()
    wechat_payer = WechatPayer.Field()

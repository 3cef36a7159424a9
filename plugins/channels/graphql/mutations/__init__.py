"""Mutations of the channels, one per file."""

import graphene

from .channel_customers_transfer import ChannelCustomersTransfer
from .channel_exam_record import ChannelExamRecord
from .channel_move import ChannelMove
from .channel_owner_login import ChannelOwnerLogin
from .channel_submit import ChannelSubmit
from .channel_update import ChannelUpdate
from .channel_visit_record import ChannelVisitRecord
from .checkout_attribute import CheckoutAttribute
from .shop_apply import ShopApply
from .shop_enter import ShopEnter
from .shop_goods_update import ShopGoodsUpdate
from .shop_visit_claim import ShopVisitClaim


class ChannelMutations(graphene.ObjectType):
    """What shoppers, owners and the staff do."""

    channel_customers_transfer = ChannelCustomersTransfer.Field()
    channel_exam_record = ChannelExamRecord.Field()
    channel_move = ChannelMove.Field()
    channel_owner_login = ChannelOwnerLogin.Field()
    channel_submit = ChannelSubmit.Field()
    channel_update = ChannelUpdate.Field()
    channel_visit_record = ChannelVisitRecord.Field()
    checkout_attribute = CheckoutAttribute.Field()
    shop_apply = ShopApply.Field()
    shop_enter = ShopEnter.Field()
    shop_goods_update = ShopGoodsUpdate.Field()
    shop_visit_claim = ShopVisitClaim.Field()

"""Mutations of after-sale, one a file."""

from __future__ import annotations

import graphene

from .after_sale_apply import AfterSaleApply
from .after_sale_arbitrate import AfterSaleArbitrate
from .after_sale_choose import AfterSaleChoose
from .after_sale_handle import AfterSaleHandle
from .after_sale_receive import AfterSaleReceive
from .after_sale_ship_back import AfterSaleShipBack
from .after_sale_withdraw import AfterSaleWithdraw
from .complaint_create import ComplaintCreate
from .complaint_handle import ComplaintHandle
from .complaint_say import ComplaintSay
from .complaint_withdraw import ComplaintWithdraw


class AfterSaleMutations(graphene.ObjectType):
    """What a shopper does about a purchase that went wrong, and how the staff answers."""

    after_sale_apply = AfterSaleApply.Field()
    after_sale_withdraw = AfterSaleWithdraw.Field()
    after_sale_ship_back = AfterSaleShipBack.Field()
    after_sale_arbitrate = AfterSaleArbitrate.Field()
    after_sale_choose = AfterSaleChoose.Field()
    after_sale_receive = AfterSaleReceive.Field()
    after_sale_handle = AfterSaleHandle.Field()
    complaint_create = ComplaintCreate.Field()
    complaint_handle = ComplaintHandle.Field()
    complaint_say = ComplaintSay.Field()
    complaint_withdraw = ComplaintWithdraw.Field()

"""Mutations of memberships, one per file."""

import graphene

from .membership_give_up import MembershipGiveUp
from .membership_refund_ask import MembershipRefundAsk
from .membership_upgrade_ask import MembershipUpgradeAsk
from .membership_vehicle_set import MembershipVehicleSet
from .membership_wish import MembershipWish


class MembershipMutations(graphene.ObjectType):
    """Buying, upgrading, cars, money back."""

    membership_wish = MembershipWish.Field()
    membership_upgrade_ask = MembershipUpgradeAsk.Field()
    membership_vehicle_set = MembershipVehicleSet.Field()
    membership_refund_ask = MembershipRefundAsk.Field()
    membership_give_up = MembershipGiveUp.Field()

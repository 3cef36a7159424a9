"""Mutations of memberships, one per file."""

import graphene

from .membership_benefit_code import MembershipBenefitCode
from .membership_benefit_redeem import MembershipBenefitRedeem
from .membership_card_activate import MembershipCardActivate
from .membership_card_begin import MembershipCardBegin
from .membership_card_code import MembershipCardCode
from .membership_card_loss import MembershipCardLoss
from .membership_card_replace import MembershipCardReplace
from .membership_give_up import MembershipGiveUp
from .membership_refund_ask import MembershipRefundAsk
from .membership_upgrade_ask import MembershipUpgradeAsk
from .membership_vehicle_set import MembershipVehicleSet
from .membership_wish import MembershipWish


class MembershipMutations(graphene.ObjectType):
    """Buying, upgrading, cars, money back, cards, benefits."""

    membership_wish = MembershipWish.Field()
    membership_upgrade_ask = MembershipUpgradeAsk.Field()
    membership_vehicle_set = MembershipVehicleSet.Field()
    membership_refund_ask = MembershipRefundAsk.Field()
    membership_benefit_code = MembershipBenefitCode.Field()
    membership_benefit_redeem = MembershipBenefitRedeem.Field()
    membership_give_up = MembershipGiveUp.Field()
    membership_card_activate = MembershipCardActivate.Field()
    membership_card_loss = MembershipCardLoss.Field()
    membership_card_code = MembershipCardCode.Field()
    membership_card_begin = MembershipCardBegin.Field()
    membership_card_replace = MembershipCardReplace.Field()

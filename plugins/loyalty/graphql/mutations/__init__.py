"""Mutations of loyalty, one per file."""

import graphene

from .member_consent_ask import MemberConsentAsk
from .member_consent_code import MemberConsentCode
from .member_consent_give import MemberConsentGive
from .points_adjust import PointsAdjust
from .points_burn_ask import PointsBurnAsk
from .points_burn_code import PointsBurnCode
from .points_burn_confirm import PointsBurnConfirm
from .points_burn_take_back import PointsBurnTakeBack
from .points_sign_in import PointsSignIn


class LoyaltyMutations(graphene.ObjectType):
    """Signing in for a day; points at a counter, and by hand."""

    points_sign_in = PointsSignIn.Field()
    points_burn_ask = PointsBurnAsk.Field()
    points_burn_code = PointsBurnCode.Field()
    points_burn_confirm = PointsBurnConfirm.Field()
    points_burn_take_back = PointsBurnTakeBack.Field()
    points_adjust = PointsAdjust.Field()
    member_consent_ask = MemberConsentAsk.Field()
    member_consent_code = MemberConsentCode.Field()
    member_consent_give = MemberConsentGive.Field()

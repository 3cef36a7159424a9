"""Mutations of members, one per file."""

import graphene

from .member_agree import MemberAgree
from .member_code_send import MemberCodeSend
from .member_counter_code import MemberCounterCode
from .member_counter_register import MemberCounterRegister
from .member_identity_release import MemberIdentityRelease
from .member_mobile_bind import MemberMobileBind
from .member_password_reset import MemberPasswordReset
from .member_password_set import MemberPasswordSet
from .member_password_sign_in import MemberPasswordSignIn
from .member_phone_register import MemberPhoneRegister
from .member_qr_decide import MemberQrDecide
from .member_qr_poll import MemberQrPoll
from .member_qr_scan import MemberQrScan
from .member_qr_start import MemberQrStart
from .member_session_end import MemberSessionEnd
from .member_sign_in import MemberSignIn
from .member_sign_out import MemberSignOut
from .member_username_set import MemberUsernameSet


class MemberMutations(graphene.ObjectType):
    """Becoming a member, logging in, and what one is known by."""

    member_code_send = MemberCodeSend.Field()
    member_sign_in = MemberSignIn.Field()
    member_password_sign_in = MemberPasswordSignIn.Field()
    member_password_set = MemberPasswordSet.Field()
    member_password_reset = MemberPasswordReset.Field()
    member_username_set = MemberUsernameSet.Field()
    member_mobile_bind = MemberMobileBind.Field()
    member_identity_release = MemberIdentityRelease.Field()
    member_agree = MemberAgree.Field()
    member_counter_code = MemberCounterCode.Field()
    member_counter_register = MemberCounterRegister.Field()
    member_phone_register = MemberPhoneRegister.Field()
    member_session_end = MemberSessionEnd.Field()
    member_sign_out = MemberSignOut.Field()
    member_qr_start = MemberQrStart.Field()
    member_qr_scan = MemberQrScan.Field()
    member_qr_decide = MemberQrDecide.Field()
    member_qr_poll = MemberQrPoll.Field()

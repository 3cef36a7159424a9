"""Mutations of members, one per file."""

import graphene

from .account_address_create import AccountAddressCreate
from .member_address_default import MemberAddressDefault
from .member_address_delete import MemberAddressDelete
from .member_address_save import MemberAddressSave
from .member_agree import MemberAgree
from .member_closing_ask import MemberClosingAsk
from .member_closing_withdraw import MemberClosingWithdraw
from .member_code_send import MemberCodeSend
from .member_counter_code import MemberCounterCode
from .member_counter_register import MemberCounterRegister
from .member_favourite_set import MemberFavouriteSet
from .member_footprint_add import MemberFootprintAdd
from .member_footprints_clear import MemberFootprintsClear
from .member_home_set import MemberHomeSet
from .member_identity_release import MemberIdentityRelease
from .member_invoice_title_save import MemberInvoiceTitleSave
from .member_mobile_bind import MemberMobileBind
from .member_passenger_save import MemberPassengerSave
from .member_password_reset import MemberPasswordReset
from .member_password_set import MemberPasswordSet
from .member_password_sign_in import MemberPasswordSignIn
from .member_payer_number_save import MemberPayerNumberSave
from .member_phone_register import MemberPhoneRegister
from .member_profile_update import MemberProfileUpdate
from .member_qr_decide import MemberQrDecide
from .member_qr_poll import MemberQrPoll
from .member_qr_scan import MemberQrScan
from .member_qr_start import MemberQrStart
from .member_real_name_submit import MemberRealNameSubmit
from .member_record_delete import MemberRecordDelete
from .member_session_end import MemberSessionEnd
from .member_sign_in import MemberSignIn
from .member_sign_out import MemberSignOut
from .member_username_set import MemberUsernameSet
from .member_vehicle_done import MemberVehicleDone
from .member_vehicle_save import MemberVehicleSave


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
    member_profile_update = MemberProfileUpdate.Field()
    member_home_set = MemberHomeSet.Field()
    member_address_save = MemberAddressSave.Field()
    member_address_delete = MemberAddressDelete.Field()
    member_address_default = MemberAddressDefault.Field()
    account_address_create = AccountAddressCreate.Field()
    member_favourite_set = MemberFavouriteSet.Field()
    member_footprint_add = MemberFootprintAdd.Field()
    member_footprints_clear = MemberFootprintsClear.Field()
    member_invoice_title_save = MemberInvoiceTitleSave.Field()
    member_passenger_save = MemberPassengerSave.Field()
    member_payer_number_save = MemberPayerNumberSave.Field()
    member_record_delete = MemberRecordDelete.Field()
    member_vehicle_done = MemberVehicleDone.Field()
    member_vehicle_save = MemberVehicleSave.Field()
    member_closing_ask = MemberClosingAsk.Field()
    member_closing_withdraw = MemberClosingWithdraw.Field()
    member_real_name_submit = MemberRealNameSubmit.Field()

"""Mutations of the counter, one per file."""

import graphene

from .counter_order_cancel import CounterOrderCancel
from .counter_order_charge_phone import CounterOrderChargePhone
from .counter_order_check import CounterOrderCheck
from .counter_order_compose import CounterOrderCompose
from .counter_order_create import CounterOrderCreate
from .counter_order_pay_cash import CounterOrderPayCash
from .counter_order_pay_pos import CounterOrderPayPos
from .counter_order_show_code import CounterOrderShowCode
from .counter_pickup import CounterPickup
from .counter_shift_count import CounterShiftCount
from .counter_shift_hand_over import CounterShiftHandOver
from .counter_shift_open import CounterShiftOpen
from .counter_slip_print import CounterSlipPrint


class CounterMutations(graphene.ObjectType):
    """What a clerk's app, and the page of a shop's owner, do."""

    counter_order_cancel = CounterOrderCancel.Field()
    counter_order_check = CounterOrderCheck.Field()
    counter_order_charge_phone = CounterOrderChargePhone.Field()
    counter_order_create = CounterOrderCreate.Field()
    counter_order_compose = CounterOrderCompose.Field()
    counter_order_pay_cash = CounterOrderPayCash.Field()
    counter_order_pay_pos = CounterOrderPayPos.Field()
    counter_order_show_code = CounterOrderShowCode.Field()
    counter_pickup = CounterPickup.Field()
    counter_shift_count = CounterShiftCount.Field()
    counter_shift_hand_over = CounterShiftHandOver.Field()
    counter_shift_open = CounterShiftOpen.Field()
    counter_slip_print = CounterSlipPrint.Field()

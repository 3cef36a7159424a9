"""Mutations of the counter, one per file."""

import graphene

from .counter_order_create import CounterOrderCreate
from .counter_order_pay_cash import CounterOrderPayCash
from .counter_order_show_code import CounterOrderShowCode
from .counter_pickup import CounterPickup


class CounterMutations(graphene.ObjectType):
    """What a clerk's app does."""

    counter_order_create = CounterOrderCreate.Field()
    counter_order_pay_cash = CounterOrderPayCash.Field()
    counter_order_show_code = CounterOrderShowCode.Field()
    counter_pickup = CounterPickup.Field()

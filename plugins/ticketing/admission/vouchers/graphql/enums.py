"""Enums that questions and mutations of vouchers share."""

from saleor_o2o.graphql.enums import enum_of

from ..choices import ChoiceKind

TicketPostponedChoiceEnum = enum_of("TicketPostponedChoice", ChoiceKind)

"""Mutations of login security, one per file."""

import graphene

from .staff_logout_everywhere import StaffLogoutEverywhere
from .staff_token_create import StaffTokenCreate
from .token_create import TokenCreate


class LoginMutations(graphene.ObjectType):
    """Logging in; `tokenCreate` replaces stock's field of the same name."""

    token_create = TokenCreate.Field()
    staff_token_create = StaffTokenCreate.Field()
    staff_logout_everywhere = StaffLogoutEverywhere.Field()

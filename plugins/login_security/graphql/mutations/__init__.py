"""Mutations of login security, one per file."""

import graphene

from .staff_logout_everywhere import StaffLogoutEverywhere
from .staff_token_create import StaffTokenCreate
from .token_create import TokenCreate
from .token_verify import TokenVerify


class LoginMutations(graphene.ObjectType):
    """Logging in; `tokenCreate` and `tokenVerify` replace stock's fields of the same names."""

    token_create = TokenCreate.Field()
    token_verify = TokenVerify.Field()
    staff_token_create = StaffTokenCreate.Field()
    staff_logout_everywhere = StaffLogoutEverywhere.Field()

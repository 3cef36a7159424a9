"""``tokenVerify``: stock's; a token of the staff that has ended is none."""

from __future__ import annotations

from typing import Any

import graphene
from graphene.types.generic import GenericScalar
from graphql_jwt.exceptions import JSONWebTokenError
from saleor.graphql.core.mutations import VerifyToken

from ..tokens import read_claims, user_of


class TokenVerify(VerifyToken):
    """Stock looks at the signature only, and answers with the user."""

    payload = graphene.Field(GenericScalar)

    class Arguments:
        token = graphene.String(required=True)

    class Meta:
        name = "VerifyToken"
        description = "Mutation that confirms if token is valid and also returns user data."

    @classmethod
    def mutate(cls, root: Any, info: Any, token: Any = None, **data: Any) -> Any:
        """Null, as stock answers a bad token, for staff who were logged out, disabled or have another password."""
        answer = super().mutate(root, info, token, **data)
        claims = read_claims(answer.payload) if answer is not None else None
        if claims is None:
            return answer
        try:
            user = user_of(claims)
        except JSONWebTokenError:
            return None
        return None if user is not None and user.is_staff and not user.is_active else answer

"""Types of login security's API."""

from __future__ import annotations

from typing import Any

import graphene

from saleor_o2o.graphql.refusals import Refusal


class LoginErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "LoginError"


def error_of(error: Any) -> LoginErrorType:
    """A kernel error in the API's form."""
    return LoginErrorType(**error.as_dict())

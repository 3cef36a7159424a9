"""Accounts: tokens as PyJWT 2 makes them, the token mutations' answers, permission groups without members."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .rebinding import rebind
from .registry import Stage, adaptation


@adaptation(Stage.APPS, "PyJWT 2 returns str; create_jwt_token calls .decode() on it (change of e-mail)")
def jwt_token_is_text() -> None:
    import jwt
    import saleor.account.utils as utils
    from django.conf import settings
    from django.utils import timezone

    def create_jwt_token(token_data: dict[str, Any]) -> str:
        claims = {"exp": timezone.now() + timedelta(hours=1), **token_data}
        return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")

    rebind(utils.create_jwt_token, create_jwt_token)


@adaptation(
    Stage.APPS,
    "every user of stock has a mail address; one below .invalid (RFC 2606) stands for a person without, and stock "
    "would mail to it",
)
def mail_stops_at_invalid() -> None:
    from django.core.mail import EmailMessage

    everybody = EmailMessage.recipients

    def recipients(self: EmailMessage) -> list[str]:
        # Whoever sends asks this, and sends nothing to nobody.
        return [one for one in everybody(self) if not one.strip().rstrip(">").lower().endswith(".invalid")]

    EmailMessage.recipients = recipients  # type: ignore[method-assign]


@adaptation(
    Stage.APPS,
    "django-graphql-jwt 0.3.4 adds non-null token, payload and refreshExpiresIn: a wrong password must answer "
    "token: null with errors",
)
def token_fields_as_stock() -> None:
    import graphene
    from graphene.types.generic import GenericScalar
    from graphql_jwt.mixins import JSONWebTokenMixin
    from saleor.graphql.account.mutations.base import SetPassword
    from saleor.graphql.core.mutations import CreateToken, RefreshToken, VerifyToken

    original = JSONWebTokenMixin.Field.__func__

    def field(cls: Any, *args: Any, **kwargs: Any) -> Any:
        mounted = original(cls, *args, **kwargs)
        cls._meta.fields["token"] = graphene.Field(graphene.String)
        if issubclass(cls, CreateToken | SetPassword):  # a plugin's version of it, too
            cls._meta.fields.pop("refresh_expires_in", None)
            cls._meta.fields.pop("payload", None)
        return mounted

    JSONWebTokenMixin.Field = classmethod(field)
    RefreshToken._meta.fields.pop("refresh_expires_in", None)
    for mutation in (RefreshToken, VerifyToken):
        mutation._meta.fields["payload"] = graphene.Field(GenericScalar)
        mutation._meta.arguments["token"] = graphene.String(required=True)

    construct = RefreshToken.__init__

    def without_expiry(self: Any, *args: Any, refresh_expires_in: Any = None, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)

    RefreshToken.__init__ = without_expiry


@adaptation(Stage.APPS, "ArrayAgg of no rows is None since Django 5; permission groups expect a list")
def array_agg_of_nothing() -> None:
    from django.contrib.postgres.aggregates import ArrayAgg
    from saleor.graphql.account import utils

    class StockArrayAgg(ArrayAgg):
        """An ``ArrayAgg`` that answers ``[]`` where there is nothing, as Django 3 did."""

        def convert_value(self, value: Any, expression: Any, connection: Any) -> Any:
            return [] if value is None else value

    utils.ArrayAgg = StockArrayAgg

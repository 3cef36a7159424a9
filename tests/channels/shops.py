"""Micro-shops and their people for tests, and the operations as clients send them."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from graphql_jwt.shortcuts import get_token
from PIL import Image
from saleor.account.models import User
from saleor.product.models import ProductVariant

from plugins.channels import codes
from plugins.channels.identity import id_index, mobile_index
from plugins.channels.models import Channel, PoolGoods, Shop, ShopGoods, ShopTemplate
from plugins.channels.types import ChannelStatus, ChannelType
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.documents import id_check


def id_number(serial: int = 1, born: str = "19900101") -> str:
    """A made-up identity number with a right check digit."""
    first = f"500103{born}{serial:03d}"
    return first + id_check(first)


def mobile(serial: int = 1) -> str:
    return f"1380000{serial:04d}"


def picture(width: int = 40, height: int = 30, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (0, 133, 74)).save(out, kind)
    return out.getvalue()


def upload(content: bytes | None = None, name: str = "shop.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content, "image/png")


def channel(unit: OrgUnit, **changes: Any) -> Channel:
    """A micro-shop in business, written straight into the table."""
    serial = Channel.objects.count() + 1
    values = {
        "code": codes.new_code(),
        "type": ChannelType.MICRO_SHOP,
        "name": f"测试微店{serial}",
        "unit": unit,
        "status": ChannelStatus.ACTIVE,
        "owner_name": "王小店",
        "owner_mobile": mobile(serial),
        "owner_mobile_index": mobile_index(mobile(serial)),
        "owner_id_number": id_number(serial),
        "owner_id_index": id_index(id_number(serial)),
        **changes,
    }
    return Channel.objects.create(**values)


def pool(variant: ProductVariant, floor: str = "35.00", ceiling: str = "45.00") -> PoolGoods:
    return PoolGoods.objects.create(variant=variant, floor=Decimal(floor), ceiling=Decimal(ceiling))


def template(*goods: PoolGoods) -> ShopTemplate:
    made = ShopTemplate.objects.create(code="standard", name="标准微店", notice="新店开张")
    made.goods.set(goods)
    return made


def shop(unit: OrgUnit, goods: PoolGoods | None = None, price: str = "41.50", **changes: Any) -> Shop:
    """An open micro-shop with one kind of goods."""
    made = Shop.objects.create(channel=channel(unit, **changes), name="解放碑邮政微店", notice="新店开张")
    if goods is not None:
        ShopGoods.objects.create(shop=made, goods=goods, price=Decimal(price))
    return made


def ask(query: str, variables: dict[str, Any] | None = None, user: User | None = None) -> Any:
    """Post one operation; its data, after asserting that nothing broke."""
    answer = post(query, variables, user)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def post(query: str, variables: dict[str, Any] | None = None, user: User | None = None) -> Any:
    headers = {"authorization": f"JWT {get_token(user)}"} if user is not None else {}
    response = Client().post(
        "/graphql/",
        json.dumps({"query": query, "variables": variables or {}}),
        content_type="application/json",
        headers=headers,
    )
    return response.json()


def send(query: str, variables: dict[str, Any], files: dict[str, Any], user: User | None = None) -> Any:
    """Post one operation with files, as the multipart specification has it."""
    headers = {"authorization": f"JWT {get_token(user)}"} if user is not None else {}
    places = {name: [f"variables.{name}"] for name in files}
    data = {
        "operations": json.dumps({"query": query, "variables": variables}),
        "map": json.dumps(places),
        **files,
    }
    answer = Client().post("/graphql/", data, headers=headers).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]

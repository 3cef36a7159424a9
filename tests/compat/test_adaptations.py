"""The registry, the start-up checks, the command, and each small adaptation that no other test shows."""

from __future__ import annotations

import importlib
import io
import pkgutil
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import saleor
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from saleor.graphql.core.utils.reordering import perform_reordering
from saleor.menu.models import Menu
from saleor.product.models import Attribute, AttributeValue, Product

import saleor_o2o.compat as compat
from saleor_o2o.compat import versions
from saleor_o2o.compat.rebinding import rebind
from saleor_o2o.compat.registry import Stage, adaptation
from tests.stock.world import World, gid, make_order


def test_every_adaptation_was_applied_and_has_a_reason() -> None:
    found = compat.adaptations()
    assert len(found) >= 24
    assert all(item.applied for item in found)
    assert all(len(item.reason) > 30 for item in found)
    assert {item.stage for item in found} == {Stage.SETTINGS, Stage.APPS}
    names = [item.name for item in found]
    assert len(set(names)) == len(names)


def test_every_adaptation_is_named_once() -> None:
    with pytest.raises(RuntimeError, match="declared twice"):

        @adaptation(Stage.APPS, "again")
        def encoding_names() -> None:
            """Never run."""


def test_checks_are_silent_and_speak_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_checks(tags=["compat"]) == []
    # when the wheel is another, and an adaptation was left out
    monkeypatch.setitem(versions.EXPECTED, "saleor", "2.11")
    monkeypatch.setattr(compat.adaptations()[0], "applied", False)
    # then
    assert [message.id for message in run_checks(tags=["compat"])] == ["o2o_compat.E001", "o2o_compat.E002"]
    with pytest.raises(compat.UnsupportedVersions, match=r"saleor: 需要 2\.11"):
        compat.require_expected()
    with pytest.raises(CommandError, match=r"需要 2\.11"):
        call_command("o2o_compat", stdout=io.StringIO())


def test_command_lists_every_adaptation() -> None:
    out = io.StringIO()
    call_command("o2o_compat", stdout=out)
    for item in compat.adaptations():
        assert f".{item.name}\n" in out.getvalue()
    assert "未生效" not in out.getvalue()


def test_rebinding_nothing_is_refused() -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        rebind(test_rebinding_nothing_is_refused, None)


def test_removed_names_are_back() -> None:
    from django.conf.urls import url
    from django.contrib.postgres.fields import JSONField
    from django.contrib.postgres.fields.jsonb import JSONField as same
    from django.db import models
    from django.forms.forms import BoundField
    from django.urls import re_path
    from django.utils.encoding import force_text, smart_text
    from django.utils.translation import ugettext, ugettext_lazy, ugettext_noop, ungettext, ungettext_lazy

    assert (url, JSONField, same) == (re_path, models.JSONField, models.JSONField)
    assert BoundField.__name__ == "BoundField"
    assert smart_text(b"\xe6\xa9\x99") == force_text("橙") == ugettext("橙") == "橙"
    assert ugettext_noop("x") == ungettext("x", "y", 1) == str(ugettext_lazy("x")) == "x"
    assert str(ungettext_lazy("x", "y", 1)) == "x"


def test_jwt_round_trip() -> None:
    from saleor.account import utils
    from saleor.graphql.account.mutations import account

    token = utils.create_jwt_token({"old_email": "a@example.com"})
    assert isinstance(token, str)
    assert utils.decode_jwt_token(token)["old_email"] == "a@example.com"
    assert account.create_jwt_token is utils.create_jwt_token


def test_reverse_relation_of_an_unsaved_row_is_empty(db: None) -> None:
    assert list(Attribute().values.all()) == []
    assert Attribute().values.count() == 0
    assert not Product().variants.filter(sku="x").exists()
    assert Menu().items.first() is None
    # and a saved one has its own rows
    attribute = Attribute.objects.create(name="a", slug="a")
    AttributeValue.objects.create(attribute=attribute, name="v", slug="v")
    assert attribute.values.get().name == "v"
    assert Attribute.objects.prefetch_related("values").get().values.all()[0].name == "v"
    # adding to an unsaved one still fails loudly
    with pytest.raises(ValueError, match="needs to have a value"):
        Attribute().values.create(name="x", slug="x")


def test_reordering(db: None) -> None:
    menu = Menu.objects.create(name="m")
    items = [menu.items.create(name=name) for name in "abc"]
    perform_reordering(menu.items.all(), {items[2].pk: -2})
    assert "".join(menu.items.values_list("name", flat=True)) == "cab"


def test_groups_without_users_or_permissions(world: World) -> None:
    from saleor.graphql.account import utils

    # given one empty group, and one with both
    Group.objects.create(name="空组")
    full = Group.objects.create(name="客服")
    full.permissions.add(Permission.objects.get(codename="manage_orders"))
    full.user_set.add(world.admin)
    # when
    mapping = utils.get_group_to_permissions_and_users_mapping()
    # then
    found = sorted((len(entry["permissions"]), len(entry["users"])) for entry in mapping.values())
    assert found == [(0, 0), (1, 1)]
    assert len(utils.get_groups_which_user_can_manage(world.admin)) == 2


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Navel Orange", "navel-orange"),
        ("奉节脐橙", "feng-jie-qi-cheng"),
        ("奉节 5kg 装", "feng-jie-5kg-zhuang"),
        ("Crème brûlée", "creme-brulee"),
        ("!?", ""),
    ],
)
def test_slugs(db: None, name: str, slug: str) -> None:
    from saleor.core.utils import generate_unique_slug

    assert generate_unique_slug(Product(), name) == slug


def test_errors_are_never_null() -> None:
    from saleor.graphql.core.mutations import BaseMutation

    assert BaseMutation.resolve_errors(SimpleNamespace(errors=None), None) == []
    assert BaseMutation.resolve_errors(SimpleNamespace(errors=["x"]), None) == ["x"]


def test_events_without_fulfilled_items(world: World) -> None:
    from saleor.graphql.order.types import OrderEvent

    order = make_order(world)
    line = order.fulfillments.create().lines.create(order_line=order.lines.get(), quantity=1)
    for parameters, expected in (({}, []), ({"fulfilled_items": [line.pk]}, [line])):
        event = order.events.create(type="placed", parameters=parameters)
        assert list(OrderEvent.resolve_fulfilled_items(event, None)) == expected


def test_demo_data_is_found_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from saleor.core.management.commands import populatedb
    from saleor.core.utils import random_data

    monkeypatch.chdir(tmp_path)
    folder = random_data.get_product_list_images_dir(populatedb.Command.placeholders_dir)
    with random_data.get_image(folder, "apparel.jpg") as image:
        assert image.size > 1000
    assert (Path(random_data.settings.PROJECT_ROOT) / "saleor/static/populatedb_data.json").is_file()
    assert random_data.settings.DEFAULT_CURRENCY  # everything else is ours


def test_sample_checkout_keeps_its_lines(world: World) -> None:
    from saleor.checkout.models import Checkout
    from saleor.webhook.event_types import WebhookEventType
    from saleor.webhook.payloads import generate_sample_payload

    checkout = Checkout.objects.create(user=world.customer, email=world.customer.email)
    checkout.lines.create(variant=world.variant, quantity=3)
    [payload] = generate_sample_payload(WebhookEventType.CHECKOUT_QUANTITY_CHANGED)
    assert [(line["sku"], line["quantity"]) for line in payload["lines"]] == [("ORANGE-5KG", 3)]
    assert payload["token"] != gid("Checkout", checkout)
    assert payload["email"] != world.customer.email


def test_our_apps_need_no_migration_for_stock_models() -> None:
    """Saleor's apps keep AutoField: their migrations are the wheel's."""
    assert Product._meta.pk.get_internal_type() == "AutoField"


def test_modules_are_small() -> None:
    folder = Path(compat.__file__).parent
    sizes = {path.name: len(path.read_text().splitlines()) for path in folder.glob("*.py")}
    assert max(sizes.values()) < 200, sizes
    for path in folder.glob("*.py"):
        assert not re.search(r"\bTODO\b", path.read_text())


def test_schema_has_one_decimal() -> None:
    from saleor_o2o.graphql.schema import schema

    assert str(schema).count("scalar Decimal") == 1


def test_every_module_of_the_wheel_imports(db: None) -> None:
    """Migrations aside, which ran; ``saleor.wsgi`` is the one that crashed on Django 5."""
    failed = []

    def broken(name: str) -> None:
        failed.append(name)

    names = [module.name for module in pkgutil.walk_packages(saleor.__path__, "saleor.", onerror=broken)]
    for name in names:
        if ".migrations" not in name and name != "saleor.demo.settings":  # makes this process read-only
            importlib.import_module(name)
    assert failed == []
    assert len(names) > 800
    assert (
        importlib.import_module("saleor.wsgi").application({"PATH_INFO": "/health/"}, lambda *_: None) == []
    )

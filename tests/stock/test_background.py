"""Stock's tasks, commands and files: thumbnails, prices, exports, the demo data, webhooks."""

from __future__ import annotations

import csv
import gzip
import hashlib
import hmac
import http.server
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from PIL import Image
from saleor.account.models import User
from saleor.app.models import App
from saleor.celeryconf import app as celery_app
from saleor.core.management.commands import populatedb
from saleor.core.utils.random_data import create_orders
from saleor.discount.models import Sale
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration
from saleor.product import tasks as product_tasks
from saleor.product import thumbnails
from saleor.product.models import Category, Product, ProductImage
from saleor.webhook.models import Webhook

from .conftest import make_picture
from .world import World, make_order, money


@pytest.fixture(autouse=True)
def loud() -> Any:
    """A task that fails fails the test."""
    before = celery_app.conf.task_eager_propagates
    celery_app.conf.task_eager_propagates = True
    yield
    celery_app.conf.task_eager_propagates = before


def test_product_thumbnails(world: World, settings: Any) -> None:
    # given
    row = ProductImage.objects.create(product=world.product, image=make_picture("脐橙 1.jpg", (1200, 900)))
    # when
    thumbnails.create_product_thumbnails.delay(row.pk)
    # then every size is there, with a name and the right shape
    folder = Path(settings.MEDIA_ROOT) / "__sized__" / "products"
    made = {path.name: Image.open(path).size for path in folder.iterdir()}
    assert sorted(max(size) for size in made.values()) == [60, 120, 255, 510, 540, 1080]
    assert all(name.endswith(".jpg") and "thumbnail-" in name for name in made)
    sized = row.image.thumbnail["60x60"]
    assert sized.name
    assert default_storage.exists(sized.name)
    assert sized.url.startswith("/media/__sized__/products/")
    row.image.delete_sized_images()
    assert list(folder.iterdir()) == []


def test_other_thumbnails(world: World, settings: Any) -> None:
    Category.objects.filter(pk=world.category.pk).update(background_image="")
    thumbnails.create_category_background_image_thumbnails(world.category.pk)  # nothing to do
    for row, task in (
        (world.category, thumbnails.create_category_background_image_thumbnails),
        (world.collection, thumbnails.create_collection_background_image_thumbnails),
    ):
        row.background_image = make_picture("b.png", (2000, 900))
        row.save()
        task.delay(row.pk)
        name = row.background_image.thumbnail["1080x440"].name
        assert Image.open(Path(settings.MEDIA_ROOT) / name).size[0] <= 1080


def test_png_with_transparency(world: World, settings: Any) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(buffer, "PNG")
    row = ProductImage(product=world.product)
    from django.core.files.base import ContentFile

    row.image.save("clear.png", ContentFile(buffer.getvalue()))
    thumbnails.create_product_thumbnails(row.pk)
    assert default_storage.exists(row.image.thumbnail["255x255"].name)


def test_price_tasks(world: World) -> None:
    # given a sale nobody has looked at
    sale = Sale.objects.create(name="双十一", type="percentage", value=10)
    sale.products.add(world.product)
    for run in (
        lambda: product_tasks.update_product_minimal_variant_price_task.delay(world.product.pk),
        lambda: product_tasks.update_products_minimal_variant_prices_of_catalogues_task.delay(
            product_ids=[world.product.pk],
            category_ids=[world.category.pk],
            collection_ids=[world.collection.pk],
        ),
        lambda: product_tasks.update_products_minimal_variant_prices_of_discount_task.delay(sale.pk),
        lambda: product_tasks.update_products_minimal_variant_prices_task.delay([world.product.pk]),
        lambda: call_command("update_all_products_minimal_variant_prices"),
    ):
        Product.objects.update(minimal_variant_price_amount=0)
        # when
        run()
        # then
        world.product.refresh_from_db()
        assert world.product.minimal_variant_price == money("35.91")
    product_tasks.update_variants_names.delay(world.product_type.pk, [world.size.pk])
    world.variant.refresh_from_db()
    assert world.variant.name == "大"


def test_google_feed(world: World) -> None:
    from saleor.data_feeds.google_merchant import update_feed

    world.variant.name = "5 千克"
    world.variant.save()
    update_feed()
    with default_storage.open("google-feed.csv.gz") as file:
        [row] = csv.DictReader(io.TextIOWrapper(gzip.GzipFile(fileobj=file), "utf-8"), dialect=csv.excel_tab)
    assert (row["title"], row["availability"]) == ("奉节脐橙 (5 千克)", "in stock")
    assert row["price"].startswith("39.90")
    response = Client().get("/feeds/google/")
    assert (response.status_code, response["Location"]) == (301, "/media/google-feed.csv.gz")


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it was sent."""

    seen: list[tuple[dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def test_webhook_is_sent_signed(world: World) -> None:
    # given a receiver and the webhook plugin
    Receiver.seen = []
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        PluginConfiguration.objects.create(identifier="mirumee.webhooks", active=True, name="Webhooks")
        app = App.objects.create(name="柜台")
        from django.contrib.auth.models import Permission

        app.permissions.add(Permission.objects.get(codename="manage_orders"))
        url = f"http://127.0.0.1:{server.server_port}/"
        webhook = Webhook.objects.create(name="x", app=app, target_url=url, secret_key="s3cret")
        webhook.events.create(event_type="order_created")
        # when
        from saleor.plugins.manager import get_plugins_manager

        get_plugins_manager().order_created(make_order(world))
    finally:
        server.shutdown()
        server.server_close()
    # then
    [(headers, body)] = Receiver.seen
    assert headers["X-Saleor-Event"] == "order_created"
    assert headers["X-Saleor-HMAC-SHA256"] == "sha1=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert b"ORANGE-5KG" in body


def test_populatedb(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in another folder than the wheel's; pictures of products are tried with the adaptation."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.chdir(tmp_path)
    # the thumbnails of fifty pictures are tried above
    settings.VERSATILEIMAGEFIELD_RENDITION_KEY_SETS = {
        "products": [],
        "background_images": [],
        "user_avatars": [],
    }
    # and two orders say as much as twenty
    monkeypatch.setattr(populatedb, "create_orders", lambda how_many: create_orders(2))
    # when
    # (the reset of sequences commits, which would leave the rows behind)
    call_command(
        "populatedb", "--createsuperuser", "--withoutimages", "--skipsequencereset", stdout=io.StringIO()
    )
    # then
    assert Product.objects.count() > 20
    assert Order.objects.count() == 2
    assert User.objects.filter(is_superuser=True).exists()
    pictures = [row.background_image.name for row in Category.objects.all()]
    assert pictures
    assert all(name and default_storage.exists(name) for name in pictures)
    call_command("cleardb", "--force", stdout=io.StringIO())
    assert (Product.objects.count(), Order.objects.count()) == (0, 0)


def test_small_commands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    ProductImage.objects.create(product=world.product, image=make_picture())
    out = io.StringIO()
    # when / then
    call_command("update_feeds", stdout=io.StringIO())
    assert default_storage.exists("google-feed.csv.gz")
    call_command("create_thumbnails", stdout=io.StringIO())
    assert len(default_storage.listdir("__sized__/products")[1]) == 6
    call_command("create_app", "柜台", permission=["account.manage_users"], stdout=out)
    assert App.objects.get().tokens.get().auth_token in out.getvalue()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "password-9")
    call_command("createsuperuser", email="root@example.com", interactive=False, stdout=io.StringIO())
    assert User.objects.get(email="root@example.com").check_password("password-9")
    call_command("get_graphql_schema", stdout=out)
    assert "type Product implements Node & ObjectWithMetadata" in out.getvalue()

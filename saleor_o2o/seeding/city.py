"""Seeds the whole city, then what the plugins declare."""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.utils.module_loading import import_string

from saleor_o2o.composition import active
from saleor_o2o.kernel.locks import advisory_lock

from . import drawing, goods, people, places, shop
from .context import SeedContext, SeedLock

#: Seconds a second seeding waits for the first.
WAIT = 120


def seed(context: SeedContext) -> None:
    """Create the city's missing rows in one transaction, then run the plugins' seeds in their order.

    Takes the advisory lock ``SeedLock.CITY``. Pictures are drawn before, outside the transaction. A second run finds
    everything and changes nothing. Raises what a plugin's seed raises; the city itself is then already there.
    """
    drawing.draw_missing(context)
    with transaction.atomic():
        advisory_lock(SeedLock.CITY, timeout=WAIT)
        site = shop.seed_site(context)
        places.seed(context)
        people.seed(context)
        shop.seed_categories(context)
        goods.seed(context)
        shop.seed_collections(context)
        shop.seed_pages(context)
        shop.seed_menus(context, site)
    for plugin in active():
        for path in plugin.seeds:
            started = time.monotonic()
            import_string(path)(context)
            context.say(f"{plugin.title}：{path}（{time.monotonic() - started:.1f} 秒）")
    if context.created:
        # Plans made on empty tables cost half the speed.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

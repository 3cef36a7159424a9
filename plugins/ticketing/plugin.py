"""The declaration of the plugin ``ticketing``, put together from its parts'."""

from plugins.ticketing.admission import declared as admission
from plugins.ticketing.admission.vouchers import declared as vouchers
from plugins.ticketing.coach import declared as coach
from plugins.ticketing.distribution import declared as distribution
from plugins.ticketing.distribution.downstream import declared as resale
from plugins.ticketing.kernel import declared as kernel
from saleor_o2o.plugin import Menu, Plugin

_HERE = "plugins.ticketing.kernel"

plugin = Plugin(
    name="ticketing",
    title="票务",
    app=_HERE,
    requires=(
        "org_hierarchy",
        "members",
        "official_account",
        "ordering",
        "cashier",
        "counter_sales",
        "after_sale",
        "backoffice",
    ),
    apps=(*admission.APPS, *coach.APPS, *distribution.APPS, *resale.APPS),
    queries=(*kernel.QUERIES, *admission.QUERIES, *vouchers.QUERIES, *coach.QUERIES),
    mutations=(*kernel.MUTATIONS, *admission.MUTATIONS, *vouchers.MUTATIONS, *coach.MUTATIONS),
    hooks="plugins.ticketing.hooks",
    pages="plugins.ticketing.pages",
    receivers=f"{_HERE}.receivers",
    seeds=(*kernel.SEEDS, *admission.SEEDS, *coach.SEEDS, *distribution.SEEDS, *resale.SEEDS),
    todo=(
        *kernel.WAITING,
        *admission.WAITING,
        *vouchers.WAITING,
        *coach.WAITING,
        *distribution.WAITING,
        *resale.WAITING,
    ),
    tenders=resale.TENDERS,
    menus=(
        Menu("票务", kernel.PAGES),
        Menu("景区演出", admission.PAGES),
        Menu("验票核销", vouchers.PAGES),
        Menu("汽车票", coach.PAGES),
        Menu("票务分销", (*distribution.PAGES, *resale.PAGES)),
    ),
    beat={**kernel.BEAT, **admission.BEAT, **vouchers.BEAT, **coach.BEAT, **distribution.BEAT, **resale.BEAT},
    journeys={**admission.JOURNEYS, **coach.JOURNEYS, **resale.JOURNEYS},
)

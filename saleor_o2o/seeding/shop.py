"""The shop around the goods: site, categories, collections, pages, menus."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sites.models import Site
from saleor.account.models import Address
from saleor.core.weight import WeightUnits
from saleor.menu.models import Menu, MenuItem
from saleor.menu.utils import update_menu
from saleor.page.models import Page
from saleor.product.models import Category, Collection, CollectionProduct, Product
from saleor.site.models import SiteSettings

from .catalogue import categories, collections
from .context import SeedContext
from .drawing import category_banner_name, collection_banner_name
from .regions import PROVINCE, region
from .texts import Block, draft, plain

NAME = "渝邮生活"
SLOGAN = "邮政便民服务，重庆特产到家"

PAGES: dict[str, tuple[str, list[Block]]] = {
    "about": (
        "关于我们",
        [
            ("unstyled", "渝邮生活是重庆邮政的社区便民生活服务平台，一个会员连通线上与线下。"),
            ("header-three", "我们做什么"),
            ("unordered-list-item", "重庆各区县特产，产地支局验货直发；"),
            ("unordered-list-item", "票务、缴费、寄递等便民服务，网点能办的，手机也能办；"),
            ("unordered-list-item", "助农兴农，让好东西走出大山。"),
            ("header-three", "联系我们"),
            ("unstyled", "客服邮箱 service@example.com，或到就近邮政网点咨询。"),
        ],
    ),
    "delivery": (
        "配送说明",
        [
            ("header-three", "发货时间"),
            ("unstyled", "每日16:00前付款的现货订单当日发出，产地直发商品48小时内发出。"),
            ("header-three", "配送方式与运费"),
            ("unordered-list-item", "邮政快递包裹：5千克内8元，5至20千克18元，满99元包邮；"),
            ("unordered-list-item", "EMS 特快：5千克内22元，市内次日达；"),
            ("unordered-list-item", "网点自提：免运费，到货短信通知，保管7天。"),
            ("header-three", "签收"),
            ("unstyled", "请当面开箱验货，生鲜商品请及时取件冷藏。"),
        ],
    ),
    "after-sale": (
        "售后政策",
        [
            ("header-three", "坏果包赔"),
            ("unstyled", "生鲜商品签收后24小时内，凭照片按破损比例退款，无需退货。"),
            ("header-three", "七天无理由"),
            ("unstyled", "预包装食品、茶叶等未拆封商品，签收之日起7天内可申请退货退款。"),
            ("header-three", "退款到账"),
            ("unstyled", "退款原路退回微信支付账户，零钱支付一般即时到账，银行卡1至3个工作日到账。"),
        ],
    ),
    "privacy": (
        "隐私说明",
        [
            ("unstyled", "我们只收集完成交易与配送所必需的信息，手机号、证件号加密保存，展示时脱敏。"),
            ("unstyled", "您可以随时在“我的”中查看、更正或注销账户。"),
        ],
    ),
}


def seed_site(context: SeedContext) -> SiteSettings:
    """Name the shop and set how it counts, once; the domain follows `PUBLIC_URL`."""
    site = Site.objects.get(pk=settings.SITE_ID)
    chosen, fresh = SiteSettings.objects.get_or_create(site=site)
    domain = urlsplit(settings.PUBLIC_URL).netloc
    renamed = site.name != NAME and (fresh or chosen.company_address_id is None)
    if renamed or site.domain != domain:
        site.domain = domain
        site.name = NAME if renamed else site.name
        site.save()
        context.count("站点", 1)
    if chosen.company_address_id is None:
        county = region("渝中区")
        chosen.company_address = Address.objects.create(
            company_name="渝邮生活（示例）",
            street_address_1="民权路",
            city=county.name,
            country_area=PROVINCE,
            postal_code=county.postcode,
            country="CN",
            phone="+8613800000099",
        )
        chosen.header_text = SLOGAN
        chosen.description = f"{NAME}：{SLOGAN}"
        chosen.include_taxes_in_prices = True
        chosen.display_gross_prices = True
        chosen.charge_taxes_on_shipping = False
        chosen.track_inventory_by_default = True
        chosen.default_weight_unit = WeightUnits.KILOGRAM
        chosen.default_mail_sender_name = NAME
        chosen.default_mail_sender_address = "service@example.com"
        chosen.save()
        context.count("站点设置", 1)
    Site.objects.clear_cache()
    return chosen


def seed_categories(context: SeedContext) -> None:
    """Create the missing categories, with their pictures."""
    there = {one.slug: one for one in Category.objects.all()}
    for top in categories():
        if top.slug not in there:
            there[top.slug] = _category(top.slug, top.name, top.text, category_banner_name(top), None)
            context.count("分类", 1)
        for slug, name in top.children:
            if slug not in there:
                _category(slug, name, top.text, category_banner_name(top), there[top.slug])
                context.count("分类", 1)


def _category(slug: str, name: str, text: str, image: str, parent: Category | None) -> Category:
    row = Category(
        slug=slug,
        name=name,
        description=text,
        description_json=draft([("unstyled", text)]),
        background_image=image,
        background_image_alt=name,
        parent=parent,
        seo_title=name,
        seo_description=text,
    )
    row.save()
    return row


def seed_collections(context: SeedContext) -> None:
    """Create the missing collections and put their produce in."""
    there = set(Collection.objects.values_list("slug", flat=True))
    for data in collections():
        if data.slug in there:
            continue
        row = Collection.objects.create(
            slug=data.slug,
            name=data.name,
            description=data.text,
            description_json=draft([("unstyled", data.text)]),
            background_image=collection_banner_name(data),
            background_image_alt=data.name,
            is_published=True,
            seo_title=data.name,
            seo_description=data.text,
        )
        products = dict(Product.objects.filter(name__in=data.produce).values_list("name", "pk"))
        CollectionProduct.objects.bulk_create(
            CollectionProduct(collection=row, product_id=products[name], sort_order=position)
            for position, name in enumerate(data.produce)
        )
        context.count("专题", 1)


def seed_pages(context: SeedContext) -> None:
    """Create the missing pages."""
    there = set(Page.objects.values_list("slug", flat=True))
    for slug, (title, blocks) in PAGES.items():
        if slug not in there:
            Page.objects.create(
                slug=slug, title=title, content=plain(blocks), content_json=draft(blocks), is_published=True
            )
            context.count("页面", 1)


def seed_menus(context: SeedContext, site: SiteSettings) -> None:
    """Fill the menus at the top and at the bottom while they are empty, and name the home page's collection."""
    top = site.top_menu or Menu.objects.get_or_create(name="navbar")[0]
    bottom = site.bottom_menu or Menu.objects.get_or_create(name="footer")[0]
    if not top.items.exists():
        for category in Category.objects.filter(parent=None).order_by("tree_id"):
            item = _item(top, category.name, category=category)
            for child in category.children.order_by("lft"):
                _item(top, child.name, parent=item, category=child)
        update_menu(top)
        context.count("菜单", 1)
    if not bottom.items.exists():
        shelf, help_ = (_item(bottom, name, url=settings.PUBLIC_URL) for name in ("精选专题", "帮助中心"))
        for collection in Collection.objects.filter(slug__in=[data.slug for data in collections()]).order_by(
            "pk"
        ):
            _item(bottom, collection.name, parent=shelf, collection=collection)
        for page in Page.objects.filter(slug__in=PAGES).order_by("pk"):
            _item(bottom, page.title, parent=help_, page=page)
        update_menu(bottom)
        context.count("菜单", 1)
    home = site.homepage_collection or Collection.objects.get(slug=collections()[0].slug)
    if (site.top_menu, site.bottom_menu, site.homepage_collection) != (top, bottom, home):
        site.top_menu, site.bottom_menu, site.homepage_collection = top, bottom, home
        site.save(update_fields=["top_menu", "bottom_menu", "homepage_collection"])


def _item(menu: Menu, name: str, **target: object) -> MenuItem:
    item = MenuItem(menu=menu, name=name, **target)
    item.save()
    return item

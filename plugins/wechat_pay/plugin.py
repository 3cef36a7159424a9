"""The declaration of the plugin ``wechat_pay``."""

from saleor_o2o.plugin import Beat, JourneySpec, Menu, Page, Plugin

_JOURNEYS = "plugins.wechat_pay.journeys"


def _page(title: str, icon: str, name: str, permission: str) -> Page:
    return Page(title, icon, f"admin:o2o_wechat_pay_{name}_changelist", permission)


plugin = Plugin(
    name="wechat_pay",
    title="微信支付",
    app="plugins.wechat_pay",
    requires=("cashier", "ordering", "org_hierarchy"),
    hooks="plugins.wechat_pay.hooks",
    saleor_plugins=("plugins.wechat_pay.saleor_plugin.WechatPayPlugin",),
    todo=("plugins.wechat_pay.todo.todo",),
    beat={
        "wechat_pay.drive-shares": Beat("plugins.wechat_pay.tasks.drive_shares", 15),
        "wechat_pay.fetch-bills": Beat("plugins.wechat_pay.tasks.fetch_bills", 300),
    },
    menus=(
        Menu(
            "微信支付",
            (
                _page("微信商户号", "account_balance", "merchantaccount", "merchant_account.view"),
                _page("双人复核", "how_to_reg", "change", "merchant_account.view"),
                _page("微信账单", "receipt_long", "bill", "payment_bill.view"),
                _page("账单明细", "list_alt", "billline", "payment_bill.view"),
                _page("分账单", "call_split", "share", "profit_share.view"),
                _page("分账接收方", "group", "receiver", "profit_share.view"),
            ),
        ),
    ),
    seeds=("plugins.wechat_pay.seeds.seed",),
    journeys={
        "goods": JourneySpec(f"{_JOURNEYS}.goods.play", "买一箱脐橙：下单、微信付款、发货、退一半"),
        "goods-race": JourneySpec(f"{_JOURNEYS}.goods_race.play", "40 人抢 10 箱：恰好 10 单，没有人白付钱"),
        "goods-faults": JourneySpec(
            f"{_JOURNEYS}.goods_faults.play", "微信出各种故障：要么付款有货，要么没扣款且释放库存"
        ),
        "pay-jsapi": JourneySpec(
            f"{_JOURNEYS}.pay_jsapi.play", "微信内付款：公众号与小程序，“ok”不算数，查单才算"
        ),
        "pay-code": JourneySpec(
            f"{_JOURNEYS}.pay_code.play", "柜台扫付款码：即付、输密码、超时撤销、应答丢失，绝不扣两次"
        ),
        "pay-combined": JourneySpec(
            f"{_JOURNEYS}.pay_combined.play", "多商家购物车合单付款：一次付清、各自入账、按份退款"
        ),
        "pay-killed": JourneySpec(
            "saleor_o2o.journeys.killing.journey.play",
            "两百次购买和退款，随机一步杀死网站或后台任务：自愈后一分不差",
            apart=True,
        ),
        "bill-download": JourneySpec(
            f"{_JOURNEYS}.bill_download.play", "下载微信账单：损坏一次、核对入库、按单号查、付款人脱敏"
        ),
    },
)

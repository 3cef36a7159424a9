"""The declaration of the plugin ``wechat_pay``."""

from saleor_o2o.plugin import JourneySpec, Plugin

_JOURNEYS = "plugins.wechat_pay.journeys"

plugin = Plugin(
    name="wechat_pay",
    title="微信支付",
    app="plugins.wechat_pay",
    requires=("cashier", "ordering"),
    hooks="plugins.wechat_pay.hooks",
    saleor_plugins=("plugins.wechat_pay.saleor_plugin.WechatPayPlugin",),
    seeds=("plugins.wechat_pay.seeds.seed",),
    journeys={
        "goods": JourneySpec(f"{_JOURNEYS}.goods.play", "买一箱脐橙：下单、微信付款、发货、退一半"),
        "goods-race": JourneySpec(f"{_JOURNEYS}.goods_race.play", "40 人抢 10 箱：恰好 10 单，没有人白付钱"),
        "goods-faults": JourneySpec(
            f"{_JOURNEYS}.goods_faults.play", "微信出各种故障：要么付款有货，要么没扣款且释放库存"
        ),
    },
)

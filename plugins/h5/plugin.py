"""The declaration of the plugin ``h5``."""

from saleor_o2o.plugin import JourneySpec, Plugin

plugin = Plugin(
    name="h5",
    title="手机页面",
    app="plugins.h5",
    requires=("members", "service_map", "channels", "after_sale", "ordering", "cashier", "wechat_pay"),
    pages="plugins.h5.urls",
    journeys={
        "h5-buy": JourneySpec(
            "plugins.h5.journeys.buy.play",
            "手机浏览器里：打开首页，短信验证码登录，搜索，选规格，加购物车，填地址，在沙箱手机上付款，订单已付",
        )
    },
)

"""The declaration of the plugin ``wechat_pay``."""

from saleor_o2o.plugin import Plugin

plugin = Plugin(name="wechat_pay", title="微信支付", app="plugins.wechat_pay", requires=("cashier",))

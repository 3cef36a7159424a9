"""Refusals of the official account, WeChat's own among them, in the words of the person at the desk."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.errors import DomainError, Text

from .error_codes import OfficialAccountErrorCode as Code

__all__ = ["TOKEN_REJECTED", "Code", "OfficialAccountError", "WechatRefused", "WechatSilent"]

#: The access token does not count (any more).
TOKEN_REJECTED = frozenset({40001, 40014, 42001})

#: What WeChat says, and what to do about it.
_SAID: dict[int, tuple[Text, Text | None]] = {
    40001: (
        _("微信不接受访问凭证"),
        _("请检查 AppSecret 是否已在微信后台重置，或其他系统也在用这个公众号取凭证"),
    ),
    40013: (_("AppID 不正确"), _("请到微信公众平台“设置与开发”核对")),
    40125: (_("AppSecret 不正确"), _("请到微信公众平台重置后在此更换")),
    40164: (_("本站的服务器地址不在白名单里"), _("请到微信公众平台的“IP 白名单”添加后再试")),
    40016: (_("菜单按钮数量不对"), _("一级最多 3 个，每个下面最多 5 个")),
    40017: (_("菜单按钮类型不对"), None),
    40018: (_("菜单名称太长或为空"), _("一级最多 16 字节，二级最多 60 字节")),
    40019: (_("菜单按钮的 KEY 太长或为空"), _("最多 128 字节")),
    40020: (_("菜单按钮的网址太长或为空"), _("最多 1024 字节")),
    40054: (_("子菜单按钮的网址域名不对"), _("请填写完整的 https 网址")),
    40055: (_("菜单按钮的网址域名不对"), _("请填写完整的 https 网址")),
    45009: (_("今天调用微信接口的次数已用完"), _("明天零点恢复；急用可在微信公众平台清零一次")),
    48001: (_("这个公众号没有此接口的权限"), _("请先在微信公众平台完成认证")),
    65301: (_("还没有默认菜单"), _("请先发布默认菜单，再发布个性化菜单")),
    65303: (_("还没有默认菜单"), _("请先发布默认菜单，再发布个性化菜单")),
    65320: (_("微信不再允许按性别、地区、语言区分菜单"), _("请改用标签或手机系统")),
    40039: (_("网址不合法"), None),
    40007: (_("素材不存在或已过期"), _("请重新选择素材")),
    40037: (_("模板 ID 不正确"), _("请到微信公众平台核对模板，再重新启用")),
    43004: (_("对方没有关注公众号"), None),
    43101: (_("对方没有同意接收这个通知，或次数已用完"), _("对方在页面上再次点“允许”后才能发")),
    43019: (_("对方已把公众号拉黑"), None),
    47003: (_("模板的字段与内容不符"), _("请核对模板的字段")),
    45015: (_("对方最近 48 小时没有来信，不能再发"), _("请等对方再次来信")),
    45047: (_("对方来信后已发满 5 条，不能再发"), _("请等对方再次来信")),
    45002: (_("内容太长"), _("文字最多 2048 字节")),
    40004: (_("不支持这种素材"), None),
    40005: (_("不支持这种图片格式"), _("请用 JPG、PNG、GIF 或 BMP")),
    40009: (_("图片太大"), _("图片最大 10 MB")),
    45001: (_("素材太大"), _("图片最大 10 MB")),
    45056: (_("标签已达 100 个"), _("请先删除不用的标签")),
    45157: (_("已经有同名的标签"), _("标签已重新同步，请直接使用它")),
    45158: (_("标签名太长"), _("最多 10 个汉字")),
    45057: (_("这个标签的粉丝超过 10 万，微信不允许删除"), _("请先去掉一部分粉丝的标签")),
    45058: (_("微信自带的标签不能修改"), None),
    45059: (_("这个粉丝已有 20 个标签"), _("请先去掉不用的")),
    45159: (_("微信上已没有这个标签"), _("标签已重新同步")),
    49003: (_("这个人不是本公众号的粉丝"), None),
    40003: (_("这个人不是本公众号的粉丝"), None),
    40029: (_("微信登录已失效"), _("请重新打开页面登录")),
    40163: (_("这次微信登录已经用过"), _("请重新打开页面登录")),
}


class OfficialAccountError(DomainError):
    """A rule of the official account said no."""

    def __init__(self, code: Code, message: Text, field: str | None = None, hint: Text | None = None) -> None:
        super().__init__(code, message, field, hint)


class WechatRefused(OfficialAccountError):
    """WeChat has said no; `errcode` is its number. Asking again changes nothing."""

    def __init__(self, errcode: int) -> None:
        known = _SAID.get(errcode)
        super().__init__(
            Code.WECHAT_REFUSED,
            format_lazy("{}（{}）", known[0] if known else _("微信没有受理"), errcode),
            hint=known[1] if known else None,
        )
        self.errcode = errcode


class WechatSilent(OfficialAccountError):
    """WeChat gave no usable answer; whether it has done what we asked is not known."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            Code.WECHAT_SILENT, format_lazy("{}（{}）", _("暂时连不上微信"), detail), hint=_("请过几分钟再试")
        )
        self.detail = detail
        #: True where WeChat has certainly not done what we asked: it was not reached, or says so.
        self.unsent = False

"""The words that members' rows are kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberStatus(models.TextChoices):
    """What a member may do."""

    ACTIVE = "active", _("正常")
    FROZEN = "frozen", _("冻结")
    BLACKLISTED = "blacklisted", _("黑名单")
    MERGED = "merged", _("已合并")


class Source(models.TextChoices):
    """Through which door somebody became a member."""

    WEB = "web", _("网上注册")
    WECHAT = "wechat", _("微信")
    COUNTER = "counter", _("柜台")
    PHONE = "phone", _("电话")
    IMPORT = "import", _("批量导入")
    STOCK = "stock", _("商城账号")


class IdentityKind(models.TextChoices):
    """By what a member is known."""

    MOBILE = "mobile", _("手机号")
    OPENID = "openid", _("微信 openid")
    UNIONID = "unionid", _("微信 unionid")
    CARD = "card", _("会员卡号")
    ID_NUMBER = "id_number", _("证件号")
    USERNAME = "username", _("用户名")


class Purpose(models.TextChoices):
    """What a code by text message is good for; good for nothing else."""

    SIGN_IN = "sign_in", _("登录或注册")
    RESET_PASSWORD = "reset_password", _("重设密码")
    BIND_MOBILE = "bind_mobile", _("绑定手机号")
    CONFIRM = "confirm", _("本人确认")
    COUNTER = "counter", _("柜台办理")


class Way(models.TextChoices):
    """How somebody logged in."""

    CODE = "code", _("短信验证码")
    PASSWORD = "password", _("密码")
    WECHAT = "wechat", _("微信")
    QR = "qr", _("扫码")
    STOCK = "stock", _("商城账号")


class QrState(models.TextChoices):
    """How far logging in at a screen has come."""

    WAITING = "waiting", _("等待扫码")
    SCANNED = "scanned", _("已扫码")
    CONFIRMED = "confirmed", _("已确认")
    TAKEN = "taken", _("已登录")
    REFUSED = "refused", _("已取消")


class EndedWhy(models.TextChoices):
    """Why a session ended."""

    SIGNED_OUT = "signed_out", _("退出登录")
    EVERYWHERE = "everywhere", _("全部退出")
    PASSWORD = "password", _("修改密码")
    STATUS = "status", _("会员停用")


class SmsState(models.TextChoices):
    """What became of a text message."""

    WAITING = "waiting", _("待发")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发")
    REFUSED = "refused", _("被拒")
    UNKNOWN = "unknown", _("结果不明")
    EXPIRED = "expired", _("过期未发")


#: Nothing follows on these.
SMS_OVER = (SmsState.SENT, SmsState.REFUSED, SmsState.EXPIRED)


class LimitSubject(models.TextChoices):
    """What text messages are counted by."""

    MOBILE = "mobile", _("每个号码")
    NETWORK = "network", _("每个网络地址")
    DEVICE = "device", _("每台设备")

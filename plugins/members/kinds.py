"""The words that members' rows are kept in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberStatus(models.TextChoices):
    """What a member may do."""

    ACTIVE = "active", _("正常")
    FROZEN = "frozen", _("冻结")
    BLACKLISTED = "blacklisted", _("黑名单")
    CLOSING = "closing", _("注销中")
    CLOSED = "closed", _("已注销")
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
    TICKETS = "tickets", _("查看电子门票")


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


class Gender(models.TextChoices):
    """As the member says; nobody has to."""

    UNKNOWN = "unknown", _("未填")
    MALE = "male", _("男")
    FEMALE = "female", _("女")


class HomeBasis(models.TextChoices):
    """Why a unit looks after a member. What somebody decided is never changed by an address."""

    GIVEN = "", _("登记时")
    ADDRESS = "address", _("按住址")
    CHOSEN = "chosen", _("本人选择")
    STAFF = "staff", _("员工变更")


class PassengerKind(models.TextChoices):
    """As what somebody travels; fares are the carriers' matter."""

    ADULT = "adult", _("成人")
    CHILD = "child", _("儿童")
    INFANT = "infant", _("婴儿")
    STUDENT = "student", _("学生")
    DISABLED = "disabled", _("残疾军人、伤残警察")


class PaperKind(models.TextChoices):
    """Papers that carriers take."""

    ID_CARD = "id_card", _("居民身份证")
    HOUSEHOLD = "household", _("户口簿")
    BIRTH = "birth", _("出生医学证明")
    PASSPORT = "passport", _("护照")
    HK_MACAU = "hk_macau", _("港澳居民来往内地通行证")
    TAIWAN = "taiwan", _("台湾居民来往大陆通行证")
    FOREIGNER = "foreigner", _("外国人永久居留身份证")


class VerifyState(models.TextChoices):
    """Whether a name and a number belong together."""

    NONE = "none", _("未认证")
    SUBMITTED = "submitted", _("已提交")
    PASSED = "passed", _("通过")
    MISMATCHED = "mismatched", _("不符")


class PayerService(models.TextChoices):
    """What is paid for."""

    WATER = "water", _("水费")
    POWER = "power", _("电费")
    GAS = "gas", _("燃气费")
    TELECOM = "telecom", _("通信费")
    TV = "tv", _("有线电视")
    HEATING = "heating", _("暖气费")
    PROPERTY = "property", _("物业费")
    OTHER = "other", _("其他")


class TitleKind(models.TextChoices):
    """To whom an invoice is made out."""

    PERSONAL = "personal", _("个人")
    COMPANY = "company", _("单位")


class ClosingState(models.TextChoices):
    """How far closing an account has come."""

    COOLING = "cooling", _("冷静期")
    WITHDRAWN = "withdrawn", _("已撤回")
    STOPPED = "stopped", _("未完成")
    DONE = "done", _("已注销")


class CheckState(models.TextChoices):
    """What became of a question to the register of persons."""

    SUBMITTED = "submitted", _("已提交")
    PASSED = "passed", _("通过")
    MISMATCHED = "mismatched", _("不符")
    REFUSED = "refused", _("没有核验")


class Barred(models.TextChoices):
    """What the blacklist forbids (`org_hierarchy.interfaces.Deed`)."""

    LOGIN = "login", _("登录")
    BUY = "buy", _("购买")
    GIFTS = "gifts", _("领券")
    AFTER_SALE = "after_sale", _("自助售后（可到网点办理）")
    MARKETING = "marketing", _("接收营销信息")


class Due(models.TextChoices):
    """What of a car has a date."""

    INSPECTION = "inspection", _("年检")
    INSURANCE = "insurance", _("交强险")

    @property
    def field(self) -> str:
        """The vehicle's field that has it."""
        return f"{self.value}_due"


class Told(models.TextChoices):
    """How a member was told of something."""

    WECHAT = "wechat", _("公众号")
    TEXT = "text", _("短信")
    NOWHERE = "nowhere", _("无法通知")

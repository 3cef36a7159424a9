"""WeChat Pay's error answers: one table of codes, statuses and words."""

from __future__ import annotations

from typing import Any

# code → (HTTP status, default message)
CODES: dict[str, tuple[int, str]] = {
    "PARAM_ERROR": (400, "参数错误"),
    "INVALID_REQUEST": (400, "无效请求"),
    "APPID_MCHID_NOT_MATCH": (400, "appid和mchid不匹配"),
    "MCH_NOT_EXISTS": (400, "商户号不存在"),
    "ORDERPAID": (400, "该订单已支付"),
    "ORDER_CLOSED": (400, "该订单已关闭"),
    "NO_STATEMENT_EXIST": (400, "账单文件不存在"),
    "STATEMENT_CREATING": (400, "账单生成中，请稍后再试"),
    "AUTH_CODE_EXPIRED": (400, "付款码已过期，请刷新后重试"),
    "AUTH_CODE_INVALID": (400, "付款码无效，请核对后重试"),
    "AUTH_CODE_USED": (400, "付款码已使用，请刷新后重试"),
    "SIGN_ERROR": (401, "签名错误"),
    "NO_AUTH": (403, "商户无权限"),
    "OUT_TRADE_NO_USED": (403, "商户订单号重复"),
    "NOT_ENOUGH": (403, "基本账户余额不足，请充值后重新发起"),
    "NOTENOUGH": (403, "用户账户余额不足"),
    "USER_ACCOUNT_ABNORMAL": (403, "用户账户异常或已注销"),
    "TRADE_ERROR": (403, "交易错误"),
    "RULE_LIMIT": (403, "业务规则限制"),
    "ORDER_NOT_EXIST": (404, "订单不存在"),
    "RESOURCE_NOT_EXISTS": (404, "查询的资源不存在"),
    "RATELIMIT_EXCEEDED": (429, "请求频率超限，请稍后重试"),
    "USERPAYING": (202, "用户支付中，需要输入密码"),
    "FREQUENCY_LIMITED": (429, "频率超限，请稍后重试"),
    "SYSTEM_ERROR": (500, "系统异常，请稍后重试"),
    "BANK_ERROR": (500, "银行系统异常"),
}


class ApiError(Exception):
    """A refusal, answered with its documented code and HTTP status."""

    def __init__(self, code: str, message: str = "", detail: dict[str, Any] | None = None) -> None:
        self.status, default = CODES[code]
        self.code = code
        self.message = message or default
        self.detail = detail
        super().__init__(f"{code}: {self.message}")

    def as_dict(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.detail is not None:
            body["detail"] = self.detail
        return body


def param_error(field: str, issue: str, value: object = None, location: str = "body") -> ApiError:
    """400 PARAM_ERROR that names the field by its JSON pointer, such as /amount/total."""
    detail = {"field": field, "value": value, "issue": issue, "location": location}
    return ApiError("PARAM_ERROR", f"参数错误：{field} {issue}", detail)

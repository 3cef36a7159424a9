// WeChat's own bridge. Whether money moved is never believed from here: the platform is asked.
import { ask, ensure } from "./api/client";
import { WechatStartDocument, type PayStartMutation } from "./api/generated";
import { insideWechat, session } from "./state/session";
import { recall } from "./state/storage";

type Params = NonNullable<NonNullable<PayStartMutation["paymentStart"]>["jsapi"]>;
interface Bridge {
  invoke(name: string, params: object, done: (answer: { err_msg: string }) => void): void;
}
/** What WeChat's browser puts there when it is ready. */
const bridgeOf = (): Bridge | undefined => (window as { WeixinJSBridge?: Bridge }).WeixinJSBridge;

/** Open WeChat's payment sheet; false when the payer turned away. */
export async function payInWechat(params: Params): Promise<boolean> {
  const bridge = bridgeOf() ?? (await new Promise<Bridge>((ready) => {
    document.addEventListener("WeixinJSBridgeReady", () => ready(bridgeOf()!), { once: true });
  }));
  return new Promise((answer) => {
    bridge.invoke("getBrandWCPayRequest", { ...params }, ({ err_msg }) => answer(!/cancel/.test(err_msg)));
  });
}

/** Where the browser's own key waits for the way back from WeChat. */
export const BROWSER_KEY = "o2o.h5.wechat";

/** Leave for WeChat's login, or its binding when somebody is logged in; it comes back to the login page and on to `to`. */
export async function goToWechat(to: string): Promise<void> {
  const page = `${location.origin}/h5/login?to=${encodeURIComponent(to)}`;
  const { wechatLoginStart: told } = await ask(WechatStartDocument, { page });
  ensure(told?.errors);
  sessionStorage.setItem(BROWSER_KEY, told!.browserKey!);
  location.assign(told!.url!);
}

const KNOCKED = "o2o.h5.wechat.knocked";
/** Kept on the device by whoever logs out: WeChat does not log in by itself again. */
export const STAYS_OUT = "staysOut";

/** Is the way back from WeChat one that nobody asked for? Whoever is no member then simply looks on. */
export const knocked = (): boolean => sessionStorage.getItem(KNOCKED) === "open";
export const enteredBy = (): void => sessionStorage.setItem(KNOCKED, "done");

/**
 * Who comes from the official account's menu is logged in without a tap: once a visit, inside WeChat, asking for no
 * more than the openid. Answers whether the browser is leaving; anything in the way lets the visit begin without a name.
 */
export async function knock(to: string): Promise<boolean> {
  if (!insideWechat || session.token || sessionStorage.getItem(KNOCKED) || recall(STAYS_OUT, false)) return false;
  sessionStorage.setItem(KNOCKED, "open");
  try {
    await goToWechat(to);
    return true;
  } catch {
    enteredBy();
    return false;
  }
}

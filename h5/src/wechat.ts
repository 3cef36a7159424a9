// WeChat's own bridge. Whether money moved is never believed from here: the platform is asked.
import { ask, ensure } from "./api/client";
import { WechatStartDocument, type PayStartMutation } from "./api/generated";

type Params = NonNullable<NonNullable<PayStartMutation["paymentStart"]>["jsapi"]>;
interface Bridge {
  invoke(name: string, params: object, done: (answer: { err_msg: string }) => void): void;
}
declare global {
  interface Window {
    WeixinJSBridge?: Bridge;
  }
}

/** Open WeChat's payment sheet; false when the payer turned away. */
export async function payInWechat(params: Params): Promise<boolean> {
  const bridge = window.WeixinJSBridge ?? (await new Promise<Bridge>((ready) => {
    document.addEventListener("WeixinJSBridgeReady", () => ready(window.WeixinJSBridge!), { once: true });
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

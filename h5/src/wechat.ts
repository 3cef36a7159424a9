// WeChat's own bridge. Whether money moved is never believed from here: the platform is asked.
import type { PayStartMutation } from "./api/generated";

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

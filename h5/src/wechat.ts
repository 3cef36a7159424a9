// WeChat's own bridge. Whether money moved is never believed from here: the platform is asked.
import { ask, ensure } from "./api/client";
import { WechatPayerDocument, WechatStartDocument, type PayStartMutation } from "./api/generated";
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
export const goToWechat = (to: string): Promise<void> => leaveFor(`/login?to=${encodeURIComponent(to)}`);

/** Leave for WeChat to be named as who pays, without becoming a member; it comes back to the page `to`. */
export const goToBeNamed = (to: string): Promise<void> => leaveFor(to);

async function leaveFor(back: string): Promise<void> {
  const { wechatLoginStart: told } = await ask(WechatStartDocument, { page: `${location.origin}/h5${back}` });
  ensure(told?.errors);
  sessionStorage.setItem(BROWSER_KEY, told!.browserKey!);
  location.assign(told!.url!);
}

const PAYER = "o2o.h5.wechat.payer";
/** The pass of whom WeChat has named on this visit; null where it has named nobody. */
export const payerPass = (): string | null => sessionStorage.getItem(PAYER);
export const forgetPayer = (): void => sessionStorage.removeItem(PAYER);

/** Back from WeChat with what stands in the address: keep the pass. Throws Refusal where it is not the same trip. */
export async function named(code: string, state: string): Promise<void> {
  const { wechatPayer: told } = await ask(WechatPayerDocument, { code, state, key: sessionStorage.getItem(BROWSER_KEY) ?? "" });
  ensure(told?.errors);
  sessionStorage.removeItem(BROWSER_KEY);
  sessionStorage.setItem(PAYER, told!.payerPass!);
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

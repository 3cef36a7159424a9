// WeChat's JS-SDK: sharing and scanning, loaded inside WeChat alone, from our own files.
import { ask } from "./api/client";
import { JsConfigDocument } from "./api/generated";
import { insideWechat } from "./state/session";

type Wx = (typeof import("weixin-js-sdk"))["default"];

export interface Shared {
  title: string;
  desc: string;
  /** Below /h5/, as the router knows it. */
  path: string;
  picture?: string | undefined;
}

/** iPhones sign the address that the visit began with, all others the one that is shown. */
const entry = location.href.split("#")[0]!;
const isApple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);
let loading: Promise<Wx> | null = null;
let signedFor = "";

/** The SDK, signed for this page. Throws Refusal, or Error where WeChat refuses the signature. */
async function sdk(): Promise<Wx> {
  loading ??= import("weixin-js-sdk").then((found) => found.default);
  const wx = await loading;
  const url = isApple ? entry : location.href.split("#")[0]!;
  if (signedFor === url) return wx;
  const { wechatJsConfig: told } = await ask(JsConfigDocument, { url });
  if (!told) throw new Error("no signature");
  await new Promise<void>((done, failed) => {
    wx.config({ debug: false, appId: told.appId, timestamp: told.timestamp, nonceStr: told.nonceStr, signature: told.signature, jsApiList: ["updateAppMessageShareData", "updateTimelineShareData", "scanQRCode"], openTagList: ["wx-open-subscribe"] });
    wx.ready(done);
    wx.error((why: { errMsg: string }) => failed(new Error(why.errMsg)));
  });
  signedFor = url;
  return wx;
}

let refused = false;
document.addEventListener("WeixinOpenTagsError", () => { refused = true; });

/** May WeChat's own buttons stand on this page? Not outside WeChat, nor in one that is too old (before 7.0.12). */
export async function openTags(): Promise<boolean> {
  if (!insideWechat) return false;
  try {
    await sdk();
    return !refused;
  } catch {
    return false;
  }
}

/** What somebody sends on when sharing this page. Sharing is a courtesy: without it the page is the page. */
export async function share({ title, desc, path, picture }: Shared): Promise<void> {
  if (!insideWechat) return;
  try {
    const wx = await sdk();
    const told = { title, desc, link: `${location.origin}/h5${path}`, imgUrl: new URL(picture ?? "/static/h5/icon-192.png", location.origin).href, success: () => undefined };
    wx.updateAppMessageShareData(told);
    wx.updateTimelineShareData(told);
  } catch {
    return;
  }
}

/** Let somebody scan a code; its content. Throws where WeChat does not let us. */
export async function scan(): Promise<string> {
  const wx = await sdk();
  return new Promise((done, failed) => {
    wx.scanQRCode({ needResult: 1, scanType: ["qrCode"], success: ({ resultStr }: { resultStr: string }) => done(resultStr), fail: (why: { errMsg: string }) => failed(new Error(why.errMsg)) } as Parameters<Wx["scanQRCode"]>[0]);
  });
}

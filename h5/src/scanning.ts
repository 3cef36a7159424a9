// What a scanned code is for: a page of ours, a login on a screen, a coupon of an outlet.
import { showToast } from "vant";
import { ask, ensure, Refusal } from "./api/client";
import { CouponScanDocument } from "./api/generated";
import { router } from "./router";
import { session } from "./state/session";
import { t } from "./texts";
import { toLogin } from "./use";

export type Meaning = { kind: "page"; path: string } | { kind: "login"; content: string } | { kind: "coupon"; code: string } | { kind: "nothing" };

const LOGIN = "yuyou-login:";

/** Pages of other sites are never opened. */
export function meaningOf(content: string, origin: string): Meaning {
  const text = content.trim();
  if (text.startsWith(LOGIN)) return { kind: "login", content: text };
  if (text.startsWith(`${origin}/h5/`)) return { kind: "page", path: text.slice(`${origin}/h5`.length) };
  if (/^[\w-]{4,64}$/.test(text)) return { kind: "coupon", code: text };
  return { kind: "nothing" };
}

/** What was scanned on the way to the page that confirms it; never in an address. */
export const scanned = { login: "" };

/** Throws Refusal for what means nothing here. */
export async function follow(content: string): Promise<void> {
  const meaning = meaningOf(content, location.origin);
  if (meaning.kind === "page") await router.push(meaning.path);
  else if (meaning.kind === "nothing") throw new Refusal(t.scan.nothing, "refused", t.scan.nothingHint);
  else if (!session.token) toLogin();
  else if (meaning.kind === "login") {
    scanned.login = meaning.content;
    await router.push({ name: "confirmLogin" });
  } else {
    const { couponScan: told } = await ask(CouponScanDocument, { code: meaning.code });
    ensure(told?.errors);
    const title = told?.coupons?.[0]?.title ?? "";
    showToast(told?.fresh ? t.scan.coupon(title) : t.scan.already(title));
    await router.push({ name: "coupons" });
  }
}

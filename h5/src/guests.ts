// What opens an order that was bought without an account: the key of its request, its token, or the pass that a code to
// its telephone gave for an hour. A key or token comes in the part of a link behind "#", which no server hears and no log
// keeps; all of it stays on the phone as the vouchers do.
import { keep, recall } from "./state/storage";

export interface Access {
  key?: string;
  token?: string;
  /** When the token ends; without it it does not. */
  until?: string;
  /** The ticket order to which an order that is paid belongs. */
  of?: string;
}

const NAME = "guests";
/** So many orders; the oldest make room. */
const MOST = 20;

function all(): Record<string, Access> {
  const kept = recall<unknown>(NAME, {});
  return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as Record<string, Access>) : {};
}

/** What opens an order, for the operations that ask for it; empty where nothing does (any more). */
export function accessTo(order: string): Pick<Access, "key" | "token"> {
  const { key, token, until } = all()[order] ?? {};
  const good = typeof token === "string" && token && !(until && Date.parse(until) <= Date.now());
  return { ...(typeof key === "string" && key ? { key } : {}), ...(good ? { token } : {}) };
}

/** Whether a guest may act for an order now, not only see it. */
export const acts = (order: string): boolean => Boolean(accessTo(order).token);

/** Whether it was opened on this phone once; the pass may be over. */
export const isGuests = (order: string): boolean => order in all();

/** The ticket order to which an order that is paid belongs; "" for an account's. */
export const ticketOrderOf = (order: string): string => String(all()[order]?.of ?? "");

/** `#key=…` or `#token=…` of a link; null where there is none. */
export function accessOf(hash: string): Access | null {
  const told = new URLSearchParams(hash.replace(/^#/, ""));
  const [key, token] = [told.get("key") ?? "", told.get("token") ?? ""];
  if (!key && !token) return null;
  return { ...(key ? { key } : {}), ...(token ? { token } : {}) };
}

/** A link of a guest was followed: what stands behind its "#" opens his order from now on; whether there was anything.
 * What is known already stays: a token is more than the key that a link to look at it has. */
export function opened(order: string, hash: string): boolean {
  const given = accessOf(hash);
  if (!order || !given) return false;
  const { until, ...known } = all()[order] ?? {};
  admit(order, { ...known, ...given, ...(until && !given.token ? { until } : {}) });
  return true;
}

export function admit(order: string, access: Access): void {
  const others = Object.entries(all()).filter(([number]) => number !== order);
  keep(NAME, Object.fromEntries([...others, [order, access] as const].slice(-MOST)));
}

/** What a guest holds in the place of his order is opened by the same pass, and by the key under which it was held. */
export function admitChange(from: string, to: string, key: string): void {
  const { token, until } = all()[from] ?? {};
  if (token) admit(to, { key, token, ...(until ? { until } : {}) });
}

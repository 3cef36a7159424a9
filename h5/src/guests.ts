// What opens an order that was bought without an account: the key of its request, or its token. It comes in the part of
// a link behind "#", which no server hears and no log keeps, and stays on the phone as the vouchers do.
import { keep, recall } from "./state/storage";

export interface Access {
  key?: string;
  token?: string;
}

const NAME = "guests";
/** So many orders; the oldest make room. */
const MOST = 20;

function all(): Record<string, Access> {
  const kept = recall<unknown>(NAME, {});
  return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as Record<string, Access>) : {};
}

/** What opens an order, for the operations that ask for it; empty where nothing does. */
export function accessTo(order: string): Access {
  const { key, token } = all()[order] ?? {};
  return { ...(typeof key === "string" && key ? { key } : {}), ...(typeof token === "string" && token ? { token } : {}) };
}

/** `#key=…` or `#token=…` of a link; null where there is none. */
export function accessOf(hash: string): Access | null {
  const told = new URLSearchParams(hash.replace(/^#/, ""));
  const [key, token] = [told.get("key") ?? "", told.get("token") ?? ""];
  if (!key && !token) return null;
  return { ...(key ? { key } : {}), ...(token ? { token } : {}) };
}

export function admit(order: string, access: Access): void {
  const others = Object.entries(all()).filter(([number]) => number !== order);
  keep(NAME, Object.fromEntries([...others, [order, access] as const].slice(-MOST)));
}

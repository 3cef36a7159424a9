// What the phone keeps so that it can be shown at a gate without a network: well-formed, of orders, so many and no more.
import { keep, recall } from "./state/storage";

/** So many of a kind; the oldest make room. */
const MOST = 60;
const DAY = 86_400_000;

export interface Keeping<T> {
  /** Only well-formed ones survive: storage may hold what an older version wrote. */
  usable: (kept: unknown) => T[];
  /** What is kept, of all orders or of one. */
  all: (order?: string) => T[];
  /** What was told of an order, in place of what was kept of it; what is over is let go. */
  put: (order: string, found: readonly T[]) => void;
  /** Ask for an order's and keep them. Nothing told (logged out, not issued): what is kept stays. */
  fetch: (order: string, ask: () => Promise<T[]>) => Promise<T[]>;
}

/** `texts`: what each one must say to be well-formed, the last of them until when it is good. `stays`: how one is kept;
 * null where it is not. */
export function keeping<T extends { orderNumber: string }>(name: string, texts: readonly (keyof T & string)[], mended: (one: T) => T, stays: (one: T) => T | null): Keeping<T> {
  const usable = (kept: unknown): T[] => (Array.isArray(kept) ? kept.filter((one) => typeof one?.orderNumber === "string" && texts.every((text) => typeof one[text] === "string")).map(mended) : []);
  const all = (order?: string): T[] => usable(recall<unknown>(name, [])).filter((one) => !order || one.orderNumber === order);
  const put = (order: string, found: readonly T[]): void => {
    const yesterday = Date.now() - DAY;
    const others = all().filter((one) => one.orderNumber !== order && Date.parse(String(one[texts[texts.length - 1]!])) > yesterday);
    keep(name, [...others, ...found.map(stays).filter((one) => one !== null)].slice(-MOST));
  };
  const fetch = async (order: string, ask: () => Promise<T[]>): Promise<T[]> => {
    const found = await ask();
    if (found.length) put(order, found);
    return found;
  };
  return { usable, all, put, fetch };
}

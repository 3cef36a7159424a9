// What the device keeps. Nothing personal but the token and, until one logs out, the tickets that must be shown where
// no network is: a phone is lent, sold and lost.
const PREFIX = "o2o.h5.";

/** Read a value; anything unreadable (another version, a full or forbidden storage) is the fallback. */
export function recall<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Keep a value; null forgets it. Where the browser keeps nothing (private mode) it lives until the page is closed. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null || value === "") localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    return; // the state in memory goes on
  }
}

/** Letters and digits that nobody guesses: request keys, the name of this device. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

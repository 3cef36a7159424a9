// What is shown at the gate, without a network too: kept on the phone, rotating codes are reckoned here.
// A voucher says what it lets into and nothing of persons; it is dropped when somebody logs out or another one logs in.
import { ask } from "./api/client";
import { VouchersDocument, type VouchersQuery } from "./api/generated";
import { accessTo } from "./guests";
import { keeping } from "./kept";
import { keep } from "./state/storage";

export type Voucher = VouchersQuery["ticketVouchers"][number];

/** Links to files are good for an hour and are not kept. */
const kept = keeping<Voucher>(
  "vouchers", ["number", "code", "validUntil"],
  (one) => ({ ...one, theirCodes: Array.isArray(one.theirCodes) ? one.theirCodes : [], paper: typeof one.paper?.way === "string" ? one.paper : null }),
  (one) => (one.kept || one.theirCodes.length || one.paper ? { ...one, pdfUrl: "" } : null),
);
export const usable = kept.usable;
export const keptVouchers = kept.all;
export const keepVouchers = kept.put;

/** Ask for the vouchers of a ticket order and keep them. */
export const fetchVouchers = (order: string): Promise<Voucher[]> => kept.fetch(order, async () => (await ask(VouchersDocument, { number: order, ...accessTo(order) })).ticketVouchers);

/** Somebody logs out, or another one logs in: nothing that lets in stays, passes and what opens guests' orders included. */
export const forgetVouchers = (): void => ["vouchers", "passes", "guests"].forEach((name) => keep(name, null));

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));

/** The digits of a moment (RFC 6238 over SHA-256): seconds since 1970, seconds of a step. */
export async function timeCode(secret: string, seconds: number, step: number, digits: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(seconds / step)));
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const at = digest[digest.length - 1]! & 15;
  const number = new DataView(digest.buffer).getUint32(at) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** What the picture holds now. */
export async function codeAt(kept: NonNullable<Voucher["kept"]>, moment: number): Promise<string> {
  return kept.rotating ? `${kept.qr}.${await timeCode(kept.secret, moment / 1000, kept.step, kept.digits)}` : kept.qr;
}

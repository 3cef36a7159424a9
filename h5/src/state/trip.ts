// Tickets that are being chosen: for which time, which classes and seats, for whom. In memory only, as drafts are.
import { reactive } from "vue";
import type { AdmissionDocument, AdmissionRealName } from "../api/generated";
import { mobile as dialled } from "../format";
import { draft } from "./drafts";
import { randomKey } from "./storage";

/** Somebody who goes: one of the frequent passengers (`savedId`), or typed here. `id` is the page's own. */
export interface Person {
  id: string;
  name: string;
  words: string;
  savedId?: string;
  kind?: string;
  document?: AdmissionDocument;
  documentNumber?: string;
  birth?: string | null;
  mobile?: string;
  /** A child that goes by the document of a grown-up of the party. */
  lent?: boolean;
}

export interface WantedTicket {
  code: string;
  name: string;
  price: number;
  realName: AdmissionRealName;
  seat?: { id: string; label: string };
  person?: Person | undefined;
  /** What posting the paper tickets of the order costs; only of classes by post. */
  postage?: number | undefined;
  /** The ticket in whose place it comes, and who holds that. */
  old?: { number: string; name: string };
}

export interface Booking {
  product: string;
  name: string;
  when: string;
  session: string;
  slot: string;
  day: string;
  tickets: WantedTicket[];
  /** Whether the platform picks seats where none are chosen: a standing place has none. */
  seated?: boolean;
  /** Whether one may wait for it when it is sold out. */
  waits: boolean;
  /** An offer of the waiting list that is taken. */
  waiting: string;
  /** The ticket order that is changed for this one; "" where none is. */
  instead: string;
}

const nothing = (): Booking => ({ product: "", name: "", when: "", session: "", slot: "", day: "", tickets: [], waits: false, waiting: "", instead: "" });

/** What is being booked; nothing after the page was loaded anew. */
export const booking = (): Booking => draft("booking", nothing);

/** Other tickets are wanted. The offer of a waiting list stays with its product; no change takes it. */
export function book(wanted: Omit<Booking, "waiting" | "instead"> & { instead?: string }): void {
  const there = booking();
  const waiting = !wanted.instead && there.product === wanted.product ? there.waiting : "";
  const people = there.tickets.map(({ person }) => person);
  const tickets = wanted.tickets.map((one, n) => (one.realName === "NONE" ? one : { ...one, person: people[n] }));
  Object.assign(there, { instead: "", seated: false }, wanted, { waiting, tickets });
}

/** Who was typed and is not kept by the platform. */
export const typedPeople = (): Person[] => draft("people", () => reactive<Person[]>([]));

/** Whom to tell, and where. `own`: the member's mobile, masked as the platform tells it; `other`: another one is typed. */
export interface Contact {
  name: string;
  mobile: string;
  own: string;
  other: boolean;
}

/** The name and number to tell; the platform has the last word. */
export const contact = (): Contact => draft("contact", () => ({ name: "", mobile: "", own: "", other: true }));

/** The number as it is sent: nothing for the member's own, which the platform knows; null where none was typed. */
export function mobileOf({ mobile, own, other }: Contact): string | null {
  if (own && !other) return "";
  const number = dialled(mobile);
  return /^1\d{10}$/.test(number) ? number : null;
}

/** A person as the platform wants it. */
export function toPerson(one: Person): Record<string, unknown> {
  if (one.savedId) return { savedId: one.savedId };
  return { name: one.name, document: one.document, documentNumber: one.documentNumber, birth: one.birth || null, mobile: one.mobile || null };
}

const keys = new Map<string, { key: string; wish: string }>();

/** The request's own number: the same for the same wish, a fresh one for another. */
export function keyFor(what: string, wish: unknown): string {
  const told = JSON.stringify(wish);
  const known = keys.get(what);
  if (known?.wish === told) return known.key;
  const key = randomKey();
  keys.set(what, { key, wish: told });
  return key;
}

/** That wish is over: the next one is another, even in the same words. */
export const renewKey = (what: string): void => void keys.delete(what);

let again = false;
/** A hold ended before it was paid: the page that asked for it shall ask once more. */
export const askAgain = (): void => void (again = true);
/** Whether that is so, once. */
export function takeAgain(): boolean {
  const was = again;
  again = false;
  return was;
}

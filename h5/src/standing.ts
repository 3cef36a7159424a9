// Where a ticket order stands, as its buyer sees it: the order's own word, unless its tickets or a change say more.
import type { TicketFactsFragment as TicketOf, TicketOrderOfQuery } from "./api/generated";
import { clock, day, moment, yuan } from "./format";
import { k } from "./ticketTexts";

type Order = NonNullable<TicketOrderOfQuery["ticketOrder"]>;
export type Change = TicketOrderOfQuery["ticketChanges"][number];

/** The change that this order is the new side of, while it is not decided: nothing is to be paid for the order itself. */
export const openChange = (number: string, changes: readonly Change[]): Change | undefined =>
  changes.find((one) => one.target === number && ["ASKED", "AT_SUPPLIER", "TO_PAY"].includes(one.state));

/** What stands on top. An order of which everything went back is not "issued" for anybody. */
export function headline(order: Pick<Order, "state" | "stateLabel"> & { outcomeLabel?: string } & { tickets: readonly Pick<Order["tickets"][number], "state" | "stateLabel">[] }, change?: Change): string {
  if (change) return change.state === "TO_PAY" ? change.title : k.change.going;
  if (order.outcomeLabel) return order.outcomeLabel;
  if (order.state !== "ISSUED" || !order.tickets.length) return order.stateLabel;
  const [first] = order.tickets;
  if (first!.state !== "ISSUED" && order.tickets.every(({ state }) => state === first!.state)) return first!.stateLabel;
  return order.tickets.some(({ state }) => state === "REFUNDED") ? k.orders.partBack : order.stateLabel;
}

/** Whether its buyer may change a ticket: by a rule of its sale, which coaches always have. */
export const mayChange = ({ state, used, back, changeRule }: Pick<TicketOf, "state" | "used" | "back" | "changeRule">, coach: boolean): boolean =>
  state === "ISSUED" && !used && !back && (coach || changeRule.length > 0);

/** What opens the page of an order's vouchers: what lets in, or by which way the paper comes that does. */
export function doorWords(vouchers: readonly { standing: string; paper?: { way: string } | null | undefined }[]): readonly [title: string, hint: string] {
  const way = vouchers.find(({ standing, paper }) => paper && standing !== "void")?.paper?.way;
  return way ? [k.voucher.paper, way === "mail" ? k.orders.mailHint : k.orders.exchangeHint] : [k.orders.voucher, k.orders.voucherHint];
}

/** Whether money of a refund comes back: nothing of one that was refused or taken back. */
export const comesBack = ({ state }: { state: string }): boolean => !["REFUSED", "WITHDRAWN"].includes(state);

/** The numbers of the chosen tickets, with those of the children that ride along with them. */
export const withCarried = (all: readonly Pick<TicketOf, "number" | "carriedBy">[], chosen: readonly string[]): string[] =>
  all.filter((one) => chosen.includes(one.carriedBy ?? one.number)).map(({ number }) => number);

/** The gate of a station: some networks call it one themselves. */
export const gateWords = (gate: string): string => (!gate || gate.includes(k.coach.gate) ? gate : `${k.coach.gate} ${gate}`);

/** Who goes with a ticket. Names are masked: by what is shown of the document's number a family is told apart. */
export function whoWords(one?: { name: string; number: string } | null): string {
  const tail = /\*([^*]+)$/.exec(one?.number ?? "")?.[1];
  return `${one?.name ?? ""}${tail ? ` ${k.orders.tail(tail)}` : ""}`;
}

/** A ticket in a list of an order's. */
export const ticketWords = (one: Pick<TicketOf, "fareName" | "seat" | "passenger" | "segment">): string => `${legWords(one)}${one.fareName} ${seatWords(one.seat)} ${whoWords(one.passenger)}`;

/** The leg of an order of several; of a single trip nothing, its order says it. */
export const legWords = (one: Pick<TicketOf, "segment">): string => (one.segment.position ? `${one.segment.title} ` : "");

/** A seat as people say it: a bare number is one of a coach. */
export const seatWords = (seat: string): string => (/^\d+$/.test(seat) ? k.orders.seatNumber(seat) : seat);

/** When a ticket order begins: of whole days the day alone, nobody comes at midnight; a bus leaves at its time. */
export const startWords = ({ trade, startsAt }: { trade: string; startsAt: string }): string => (trade === "SCENIC" && clock(startsAt) === "00:00" ? day(startsAt) : moment(startsAt));

/** What of an order's total is no ticket: of paper by post its postage, of others a service fee; "" where there is none. */
export const serviceWords = ({ trade, service }: { trade: string; service: unknown }): string => (!Number(service) ? "" : isVisit(trade) ? k.orders.ofPostage : k.orders.ofService);
const isVisit = (trade: string): boolean => ["SCENIC", "SHOW"].includes(trade);

/** From when until when something is good: whole days as days, the end of a day is that day. */
export function spanWords(from: string, until: string): string {
  const whole = clock(from) === "00:00" && ["00:00", "24:00"].includes(clock(until));
  if (!whole) return day(from) === day(until) ? `${moment(from)}–${clock(until)}` : `${moment(from)} – ${moment(until)}`;
  const last = day(new Date(Date.parse(until) - 1).toISOString());
  return last === day(from) ? k.voucher.thatDay(last) : k.voucher.days(day(from), last);
}

/** Of what a face value is made, as one line: 票价 ¥57.50，燃油附加费 ¥2.00, …; together exactly the face value. */
export function partsWords(parts: readonly { label: string; amount: number }[]): string {
  return parts.map(({ label, amount }) => `${label} ${yuan(amount)}`).join("，");
}

/** Of what a price is made: the face value and what is on top, a service fee, of visits the postage. Empty where it is the fare alone. */
export function priceWords({ price, service, parts }: { price: number; service: number; parts: readonly { label: string; amount: number }[] }, trade = "COACH"): string {
  if (!Number(service)) return partsWords(parts);
  const face = parts.length ? parts : [{ label: k.orders.fareAlone, amount: Math.round((Number(price) - Number(service)) * 100) / 100 }];
  return partsWords([...face, { label: isVisit(trade) ? k.orders.postage : k.orders.serviceFee, amount: Number(service) }]);
}

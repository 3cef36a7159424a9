// Money, times and texts as people read them here.
import { now } from "./clock";

/** Yuan with two places; whole yuan without. Unknown is "". */
export function yuan(amount: number | string | null | undefined): string {
  if (amount === null || amount === undefined || amount === "") return "";
  return `¥${Number(amount).toFixed(2)}`;
}

const DAY = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit" });
const MOMENT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false,
});

export const day = (iso: string | null | undefined): string => (iso ? DAY.format(new Date(iso)).replaceAll("/", "-") : "");
export const moment = (iso: string | null | undefined): string => (iso ? MOMENT.format(new Date(iso)).replaceAll("/", "-") : "");

/** Whole days in Chongqing from today until a day (YYYY-MM-DD); negative when it is over. */
export function daysUntil(date: string): number {
  return Math.round((Date.parse(`${date.slice(0, 10)}T00:00:00Z`) - Date.parse(`${dayAfter(0)}T00:00:00Z`)) / 86_400_000);
}

/** Milliseconds until then by the platform's clock; never negative. */
export const until = (iso: string | null | undefined): number => (iso ? Math.max(0, Date.parse(iso) - now()) : 0);

/** A mainland mobile number as it is dialled: full-width digits, spaces, +86 do not matter. Anything else unchanged. */
export function mobile(text: string): string {
  const digits = text.normalize("NFKC").replace(/[\s-]/g, "").replace(/^(\+?86)(?=1\d{10}$)/, "");
  return digits;
}

/** Draft.js blocks of stock's editor as plain paragraphs. */
export function paragraphs(descriptionJson: string, fallback: string): string[] {
  try {
    const blocks: { text?: string }[] = JSON.parse(descriptionJson).blocks ?? [];
    const lines = blocks.map((block) => block.text?.trim() ?? "").filter(Boolean);
    if (lines.length) return lines;
  } catch {
    // not the editor's format: the plain text says the same
  }
  return fallback.split(/\n+/).map((line) => line.trim()).filter(Boolean);
}

interface Parts {
  countryArea: string;
  city: string;
  cityArea: string;
  streetAddress1: string;
  streetAddress2?: string;
}

/** Province to door; a municipality is not said twice. */
export function addressLine(address: Parts): string {
  const { countryArea, city, cityArea, streetAddress1, streetAddress2 } = address;
  return [countryArea, city === countryArea ? "" : city, cityArea, streetAddress1, streetAddress2 ?? ""].filter(Boolean).join("");
}

export interface Block {
  kind: "h1" | "h2" | "p" | "li";
  /** Pieces of the line; those marked ** are strong. */
  pieces: { text: string; strong: boolean }[];
}

/** The few marks of Markdown that documents of the platform use: headings, list items, ** for what matters. */
export function blocks(markdown: string): Block[] {
  return markdown.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const [, mark = "", text = ""] = /^(#{1,2} |- )?(.*)$/.exec(line)!;
    const kind = mark === "# " ? "h1" : mark === "## " ? "h2" : mark === "- " ? "li" : "p";
    return { kind, pieces: text.split("**").map((piece, n) => ({ text: piece, strong: n % 2 === 1 })).filter((piece) => piece.text) };
  });
}

const WEEK = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

/** A day (YYYY-MM-DD) as people say it: 12月3日 周四. */
export function dayWords(date: string): string {
  const [, month, dayOf] = date.slice(0, 10).split("-").map(Number);
  return `${month}月${dayOf}日 ${WEEK[new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDay()]}`;
}

/** So many days after today in Chongqing by the platform's clock (YYYY-MM-DD). */
export const dayAfter = (days: number, from = day(new Date(now()).toISOString())): string => new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The time of day (HH:MM) in Chongqing. */
export const clock = (iso: string | null | undefined): string => moment(iso).slice(11);

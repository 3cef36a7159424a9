import { beforeEach, expect, test, vi } from "vitest";
import type { Answer } from "../src/holds";
import { holdAtMost } from "../src/holds";

vi.mock("../src/router", () => ({ router: {} }));
beforeEach(() => vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }));

const held: Answer = { number: "PW1", state: "HELD", total: 120, errors: [] };
const dearer = (total: number | null): Answer => ({ total, errors: [{ code: "PRICE_CHANGED", message: "票价已变" }] });
/** Answers in turn; keeps the sums and the keys that were sent. */
function platform(...answers: Answer[]) {
  const sent: number[] = [];
  const keys: string[] = [];
  const send = (key: string, most: number): Promise<Answer> => { sent.push(most); keys.push(key); return Promise.resolve(answers[sent.length - 1]!); };
  return { sent, keys, send };
}

test("what costs no more than the page showed is held without a question", async () => {
  const { sent, send } = platform(held);
  const agree = vi.fn(async () => true);
  expect((await holdAtMost("a", { product: "p" }, 130, send, agree))?.number).toBe("PW1");
  expect([sent, agree.mock.calls.length]).toEqual([[130], 0]);
});

test("a price that rose is asked about with both sums and nothing is held; agreed, it is the new most", async () => {
  const { sent, keys, send } = platform(dearer(125), dearer(128.5), { ...held, total: 128.5 });
  const agree = vi.fn(async () => true);
  expect((await holdAtMost("b", { product: "p" }, 120, send, agree))?.total).toBe(128.5);
  expect(sent).toEqual([120, 125, 128.5]);
  expect(agree.mock.calls).toEqual([[120, 125], [125, 128.5]]);
  expect(new Set(keys).size).toBe(3);
});

test("who does not agree has nothing held, and asks anew afterwards", async () => {
  const { sent, send } = platform(dearer(125), dearer(125));
  const agree = vi.fn(async () => false);
  expect(await holdAtMost("c", { product: "p" }, 120, send, agree)).toBeNull();
  expect(await holdAtMost("c", { product: "p" }, 120, send, agree)).toBeNull();
  expect([sent, agree.mock.calls.length]).toEqual([[120, 120], 2]);
});

test("any other refusal is a refusal, also a price without a sum", async () => {
  const agree = vi.fn(async () => true);
  for (const answer of [dearer(null), { errors: [{ code: "SOLD_OUT", message: "已售完" }] }]) {
    await expect(holdAtMost("d", { product: "p" }, 120, platform(answer).send, agree)).rejects.toThrow();
  }
  expect(agree).not.toHaveBeenCalled();
});

test("coaches tell the sum beside their refusal", async () => {
  const refused: Answer = { errors: [{ code: "PRICE_CHANGED", message: "票价已变", total: 41 }] };
  const { sent, send } = platform(refused, { ...held, total: 41 });
  const agree = vi.fn(async () => true);
  expect((await holdAtMost("coach", { shift: "1" }, 39, send, agree))?.number).toBe("PW1");
  expect([sent, agree.mock.calls]).toEqual([[39, 41], [[39, 41]]]);
});

import { beforeEach, expect, test, vi } from "vitest";
import { solve, withProof } from "../src/proofs";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../src/api/client", () => ({ ask: asked }));

const SALT = "00112233445566778899aabb?expires=4102444800&product=show&";
const digest = async (text: string): Promise<string> => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))), (one) => one.toString(16).padStart(2, "0")).join("");
const puzzle = async (number: number, highest = 2000) => ({ algorithm: "SHA-256", challenge: await digest(SALT + String(number)), salt: SALT, signature: "s", highest });
const needed = { errors: [{ code: "PROOF_NEEDED" }] };

beforeEach(() => asked.mockReset());

test("a puzzle is solved, at both ends too", async () => {
  for (const number of [0, 777, 2000]) {
    expect(JSON.parse(atob(await solve(await puzzle(number))))).toEqual({ algorithm: "SHA-256", challenge: (await puzzle(number)).challenge, number, salt: SALT, signature: "s" });
  }
  expect(await solve(await puzzle(2001))).toBe("");
});

test("what wants no proof is sent once, and another refusal is a refusal", async () => {
  const send = vi.fn(async () => ({ errors: [{ code: "SOLD_OUT" }] }));
  expect(await withProof("show", send)).toEqual({ errors: [{ code: "SOLD_OUT" }] });
  expect(send.mock.calls).toEqual([[null]]);
  expect(asked).not.toHaveBeenCalled();
});

test("what wants one is sent again with it, once", async () => {
  asked.mockResolvedValue({ admissionProof: await puzzle(5) });
  const send = vi.fn(async (proof: string | null) => (proof ? { errors: [] } : needed));
  expect(await withProof("show", send)).toEqual({ errors: [] });
  expect(send).toHaveBeenCalledTimes(2);
  send.mockImplementation(async () => needed);
  expect(await withProof("show", send)).toEqual(needed);
  expect(send).toHaveBeenCalledTimes(4);
});

test("without a puzzle the refusal is what is told", async () => {
  asked.mockResolvedValue({ admissionProof: null });
  expect(await withProof("show", async () => needed)).toEqual(needed);
});

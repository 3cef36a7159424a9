import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { beforeEach, expect, test, vi } from "vitest";
import { solve, withProof } from "../src/proofs";

const asked = vi.hoisted(() => vi.fn());
vi.mock("../src/api/client", () => ({ ask: asked }));

const SECRETS = { hmacSignatureSecret: "sign", hmacKeySignatureSecret: "key" };
const puzzle = async (counter: number) => JSON.stringify(await createChallenge({ algorithm: "PBKDF2/SHA-256", cost: 10, counter, deriveKey, data: { product: "show", session: 7 }, ...SECRETS }));
const needed = { errors: [{ code: "PROOF_NEEDED" }] };

beforeEach(() => asked.mockReset());

test("a puzzle is solved, and what is no puzzle is not", async () => {
  for (const counter of [0, 77]) {
    const told = JSON.parse(atob(await solve(await puzzle(counter))));
    expect(told.solution.counter).toBe(counter);
    expect((await verifySolution({ challenge: told.challenge, solution: told.solution, deriveKey, ...SECRETS })).verified).toBe(true);
  }
  for (const bad of ["", "{}", "x", '{"parameters":{}}']) expect(await solve(bad)).toBe("");
});

test("what wants no proof is sent once, and another refusal is a refusal", async () => {
  const send = vi.fn(async () => ({ errors: [{ code: "SOLD_OUT" }] }));
  expect(await withProof("show", "7", send)).toEqual({ errors: [{ code: "SOLD_OUT" }] });
  expect(send.mock.calls).toEqual([[null]]);
  expect(asked).not.toHaveBeenCalled();
});

test("what wants one is sent again with it, once; the puzzle is the session's", async () => {
  asked.mockResolvedValue({ admissionProof: { challenge: await puzzle(5) } });
  const send = vi.fn(async (proof: string | null) => (proof ? { errors: [] } : needed));
  expect(await withProof("show", "7", send)).toEqual({ errors: [] });
  expect(send).toHaveBeenCalledTimes(2);
  expect(asked.mock.lastCall![1]).toEqual({ product: "show", session: "7" });
  send.mockImplementation(async () => needed);
  expect(await withProof("show", "", send)).toEqual(needed);
  expect(send).toHaveBeenCalledTimes(4);
  expect(asked.mock.lastCall![1]).toEqual({ product: "show", session: null });
});

test("without a puzzle the refusal is what is told", async () => {
  asked.mockResolvedValue({ admissionProof: null });
  expect(await withProof("show", "", async () => needed)).toEqual(needed);
});

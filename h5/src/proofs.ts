// 安全验证: a hot sale asks the browser for a second of work first; nothing is shown to be typed, so that everybody can.
import { ask } from "./api/client";
import { AdmissionProofDocument, type AdmissionProofQuery } from "./api/generated";

type Puzzle = NonNullable<AdmissionProofQuery["admissionProof"]>;
interface Answer { errors: readonly { code: string }[] }

/** After so many tries the page may paint. */
const BREATH = 500;
const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
const breathe = (): Promise<void> => new Promise((done) => { setTimeout(done); });

/** The answer to a puzzle; "" where this browser cannot, or there is none. */
export async function solve(puzzle: Puzzle): Promise<string> {
  const { algorithm, challenge, salt, signature, highest } = puzzle;
  if (!globalThis.crypto?.subtle) return "";
  const text = new TextEncoder();
  for (let number = 0; number <= highest; number += 1) {
    if (hex(await crypto.subtle.digest("SHA-256", text.encode(salt + String(number)))) === challenge) {
      return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    }
    if (number % BREATH === BREATH - 1) await breathe();
  }
  return "";
}

/**
 * Send what a hot sale may want a proof for: without one first, since most want none. Refused for it, the puzzle is
 * solved and the same is sent once more.
 */
export async function withProof<A extends Answer>(product: string, send: (proof: string | null) => Promise<A | null | undefined>): Promise<A | null | undefined> {
  const told = await send(null);
  if (!told?.errors.some(({ code }) => code === "PROOF_NEEDED")) return told;
  const puzzle = (await ask(AdmissionProofDocument, { product })).admissionProof;
  const proof = puzzle ? await solve(puzzle) : "";
  return proof ? send(proof) : told;
}

// 安全验证: a hot sale asks the browser for a second of work first; nothing is shown to be typed, so that everybody can.
import { ask } from "./api/client";
import { AdmissionProofDocument } from "./api/generated";

interface Answer { errors: readonly { code: string }[] }

/** The answer to a puzzle (ALTCHA's, as JSON); "" where this browser cannot. */
export async function solve(puzzle: string): Promise<string> {
  if (!globalThis.crypto?.subtle) return "";
  try {
    // few need it: it is fetched when it is needed
    const [{ solveChallenge }, { deriveKey }] = await Promise.all([import("altcha-lib"), import("altcha-lib/algorithms/web/pbkdf2")]);
    const challenge = JSON.parse(puzzle) as Parameters<typeof solveChallenge>[0]["challenge"];
    const solution = await solveChallenge({ challenge, deriveKey });
    return solution ? btoa(JSON.stringify({ challenge, solution })) : "";
  } catch {
    return "";
  }
}

/**
 * Send what a hot sale may want a proof for: without one first, since most want none. Refused for it, the puzzle of this
 * product and session ("": of none, and for a queue) is solved and the same is sent once more.
 */
export async function withProof<A extends Answer>(product: string, session: string, send: (proof: string | null) => Promise<A | null | undefined>): Promise<A | null | undefined> {
  const told = await send(null);
  if (!told?.errors.some(({ code }) => code === "PROOF_NEEDED")) return told;
  const puzzle = (await ask(AdmissionProofDocument, { product, session: session || null })).admissionProof;
  const proof = puzzle ? await solve(puzzle.challenge) : "";
  return proof ? send(proof) : told;
}

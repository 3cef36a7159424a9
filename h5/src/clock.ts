// What time it is for the platform. Telephones go wrong by minutes: a hold would look over, a rotating code be refused.
let ahead = 0;

/** Differences that a slow line and whole seconds explain; in milliseconds. */
const EXPECTED = 5000;

/** An answer came with the platform's time (the `Date` header), to a request of this span by the phone's clock. */
export function heard(date: string | null, sent: number, received: number): void {
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told)) return;
  const off = (sent + received) / 2 - (told + 500);
  ahead = Math.abs(off) <= EXPECTED + (received - sent) / 2 ? 0 : off;
}

/** Milliseconds since 1970 as the platform counts them; the phone's own before anything was heard. */
export const now = (): number => Date.now() - ahead;

// Where the seats of a hall stand on the drawing: zones one below the other, rows from the stage, aisles as they are.
export interface Seat {
  id: string;
  zone: string;
  line: number;
  place: number;
  label: string;
  category: string;
  free: boolean;
}

export interface Placed extends Seat {
  x: number;
  y: number;
}

export interface Drawing {
  width: number;
  height: number;
  seats: Placed[];
  zones: { name: string; y: number }[];
}

/** Units of the drawing for a seat with its gap, and for the name of a zone. */
export const STEP = 10, NAME = 14;

export function drawing(seats: readonly Seat[]): Drawing {
  const zones = new Map<string, Seat[]>();
  for (const seat of seats) zones.set(seat.zone, [...(zones.get(seat.zone) ?? []), seat]);
  const span = (all: readonly Seat[], of: "line" | "place"): [number, number] => all.reduce<[number, number]>(([least, most], seat) => [Math.min(least, seat[of]), Math.max(most, seat[of])], [Infinity, -Infinity]);
  const wide = Math.max(0, ...[...zones.values()].map((all) => { const [a, b] = span(all, "place"); return b - a + 1; }));
  const told: Drawing = { width: wide * STEP, height: 0, seats: [], zones: [] };
  for (const [name, all] of zones) {
    told.zones.push({ name, y: told.height + NAME - 4 });
    const [[left, right], [first, last]] = [span(all, "place"), span(all, "line")];
    const aside = ((wide - (right - left + 1)) * STEP) / 2;
    const top = told.height + NAME;
    for (const seat of all) told.seats.push({ ...seat, x: aside + (seat.place - left) * STEP, y: top + (seat.line - first) * STEP });
    told.height = top + (last - first + 1) * STEP;
  }
  return told;
}

/** CSS pixels below which a seat is too small to be met by a finger. */
const FINGER = 24;

/** Which seat a finger means at a point of the drawing, `unit` CSS pixels for each of its units. Where seats are smaller
 * than a fingertip: the nearest one within reach that `may` be had. Where they are not: the one below it, had or not, for
 * whoever taps a seat that is sold does not want its neighbour. */
export function meant(seats: readonly Placed[], x: number, y: number, unit: number, may: (seat: Placed) => boolean): Placed | null {
  if (STEP * unit >= FINGER) return seats.find((seat) => x >= seat.x && x < seat.x + STEP && y >= seat.y && y < seat.y + STEP) ?? null;
  let best: Placed | null = null;
  let least = Math.max(STEP, 16 / unit);
  for (const seat of seats) {
    const away = Math.hypot(seat.x + STEP / 2 - x, seat.y + STEP / 2 - y);
    if (away < least && may(seat)) [best, least] = [seat, away];
  }
  return best;
}

/** Seats that were chosen before, each as what it was to be bought, as far as they are still to be had: who comes back
 * does not choose all of them again. */
export const takenUp = (wanted: readonly { code: string; seat?: { id: string } }[], seats: readonly Seat[]): { seat: Seat; code: string }[] =>
  wanted.flatMap(({ code, seat }) => seats.filter(({ id, free }) => free && id === seat?.id).map((one) => ({ seat: one, code })));

/** Which chosen seats are not free any more. */
export const lost = (chosen: readonly Seat[], free: readonly string[]): Seat[] => {
  const there = new Set(free);
  return chosen.filter(({ id }) => !there.has(id));
};

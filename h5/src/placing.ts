// Where the phone is, asked for when somebody wants to know what is near; used at once and kept nowhere.
import { Refusal } from "./api/client";
import { t } from "./texts";

export interface Spot {
  latitude: number;
  longitude: number;
}

/** Throws Refusal where the phone does not say it. */
export async function whereAmI(): Promise<Spot> {
  const found = await new Promise<GeolocationPosition>((told, lost) => {
    if (!navigator.geolocation) lost();
    else navigator.geolocation.getCurrentPosition(told, lost, { timeout: 10_000, maximumAge: 60_000 });
  }).catch(() => { throw new Refusal(t.nearby.refused, "refused", t.nearby.refusedHint); });
  return { latitude: found.coords.latitude, longitude: found.coords.longitude };
}

/** Kilometres as the crow flies (a sphere is good enough for a city). */
export function kilometres(from: Spot, to: Spot): number {
  const rad = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (a: number, b: number): number => Math.sin((rad(b) - rad(a)) / 2) ** 2;
  const arc = half(from.latitude, to.latitude) + Math.cos(rad(from.latitude)) * Math.cos(rad(to.latitude)) * half(from.longitude, to.longitude);
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(arc)));
}

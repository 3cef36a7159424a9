// Between an address of the address book and what a basket or the address book takes.
import type { AddressCardFragment, AddressInput } from "./api/generated";

export function toInput(address: AddressCardFragment): AddressInput {
  const { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode } = address;
  return { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode, country: "CN" };
}

/** The platform's rules list a place once for each of its names; people see it once. */
export function places(choices: readonly ({ raw?: string | null } | null)[] | null | undefined): string[] {
  return [...new Set((choices ?? []).map((one) => one?.raw ?? "").filter(Boolean))];
}

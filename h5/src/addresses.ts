// Between an address of the address book and what a basket or the address book takes.
import type { AddressCardFragment, AddressInput, AdmissionMailInput } from "./api/generated";

export function toInput(address: AddressCardFragment): AddressInput {
  const { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode } = address;
  return { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode, country: "CN" };
}

/** The platform's rules list a place once for each of its names; people see it once. */
export function places(choices: readonly ({ raw?: string | null } | null)[] | null | undefined): string[] {
  return [...new Set((choices ?? []).map((one) => one?.raw ?? "").filter(Boolean))];
}

/** Where paper tickets are posted to. */
export function mailTo(address: AddressCardFragment): AdmissionMailInput {
  const { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2 } = address;
  return { name: `${firstName}${lastName}`, mobile: phone ?? "", area: [...new Set([countryArea, city, cityArea])].filter(Boolean).join(" "), street: [streetAddress1, streetAddress2].filter(Boolean).join(" ") };
}

/** What posting the tickets of a class costs an order; of others nothing is posted. */
export const postageOf = (kind: { exchangeMode: string; postage: unknown } | undefined): number | undefined => (kind?.exchangeMode === "PAPER_MAIL" ? Number(kind.postage) : undefined);

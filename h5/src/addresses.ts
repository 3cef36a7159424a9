// Between an address of the address book and what a basket or the address book takes.
import type { AddressCardFragment, AddressInput, AdmissionMailInput } from "./api/generated";
import type { Problems } from "./forms";
import { mobile as dialled } from "./format";
import { t } from "./texts";

/** An address as people fill it in; `region`: province, city, district. */
export interface Where {
  name: string;
  mobile: string;
  region: string[];
  street: string;
  postalCode: string;
}

export const nowhere = (): Where => ({ name: "", mobile: "", region: [], street: "", postalCode: "" });

/** One of the address book, to be filled in. */
export function whereOf(address: AddressCardFragment): Where {
  const { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode } = address;
  return { name: firstName + lastName, mobile: dialled(phone ?? ""), region: [countryArea, city, cityArea].filter(Boolean), street: streetAddress1 + streetAddress2, postalCode };
}

/** What is not filled in right, by field. */
export function wrongIn(where: Where): Problems {
  const wrong: Problems = {};
  if (!where.name.trim()) wrong.name = t.address.needName;
  if (!/^1\d{10}$/.test(dialled(where.mobile))) wrong.mobile = t.address.needPhone;
  if (where.region.length < 2) wrong.region = t.address.pickRegion;
  if (where.street.trim().length < 2) wrong.street = t.address.needStreet;
  return wrong;
}

export function toInput(address: AddressCardFragment): AddressInput {
  const { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode } = address;
  return { firstName, lastName, phone, countryArea, city, cityArea, streetAddress1, streetAddress2, postalCode, country: "CN" };
}

/** The platform's rules list a place once for each of its names; people see it once. */
export function places(choices: readonly ({ raw?: string | null } | null)[] | null | undefined): string[] {
  return [...new Set((choices ?? []).map((one) => one?.raw ?? "").filter(Boolean))];
}

/** Where paper tickets are posted to. */
export const mailOf = ({ name, mobile, region, street }: Where): AdmissionMailInput => ({ name: name.trim(), mobile: dialled(mobile), area: [...new Set(region)].join(" "), street: street.trim() });

/** What posting the tickets of a class costs an order; of others nothing is posted. */
export const postageOf = (kind: { exchangeMode: string; postage: unknown } | undefined): number | undefined => (kind?.exchangeMode === "PAPER_MAIL" ? Number(kind.postage) : undefined);

// By whose code somebody came in.
import { ask } from "./api/client";
import { MicroShopDocument } from "./api/generated";
import { enterShop } from "./state/shop";

/** Remember the shop of a code; a code of none, or no network, changes nothing. */
export async function comeBy(code: string): Promise<void> {
  const { shopByCode } = await ask(MicroShopDocument, { code }).catch(() => ({ shopByCode: null }));
  if (shopByCode) enterShop(shopByCode.code, shopByCode.name);
}

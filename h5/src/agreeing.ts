// That something costs more than it was shown for is agreed to in a dialog of its own, with both sums.
import { showConfirmDialog } from "vant";
import "vant/es/dialog/style";
import { yuan } from "./format";
import { k } from "./ticketTexts";

/** Whether the buyer goes on. */
export const dearer = (was: number, now: number): Promise<boolean> =>
  showConfirmDialog({ message: k.booking.dearer(yuan(was), yuan(now)), confirmButtonText: k.booking.goOn, cancelButtonText: k.booking.giveUp }).then(() => true, () => false);

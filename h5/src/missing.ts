// A page whose script could not be had: without a network, or after a new version. Then that is said, not nothing.
import { ref } from "vue";

/** Where one wanted to go; "" when all is well. */
export const missing = ref("");

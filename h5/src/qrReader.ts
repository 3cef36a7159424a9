// Reads QR codes from pictures where the browser has no BarcodeDetector (iPhones, Firefox). Not a part of the shopper's
// pages: a file of its own, which the staff's verifying page loads when it needs it and finds as `o2oReadQr`.
import decodeQR from "qr/decode.js";

declare global {
  var o2oReadQr: (picture: ImageData) => string;
}

/** What the code in a picture says; "" where there is none, or none that can be read. */
globalThis.o2oReadQr = (picture) => {
  try {
    return decodeQR(picture);
  } catch {
    return "";
  }
};

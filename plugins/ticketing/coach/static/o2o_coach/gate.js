// The gate: the field is always ready for the next scan; a phone's camera reads codes where the browser can.
(function () {
  "use strict";
  const field = document.querySelector("[data-o2o-scan]");
  const form = document.getElementById("gateForm");
  const button = document.getElementById("camera");
  const view = document.getElementById("view");
  if (!field || !form) { return; }
  field.focus();
  document.addEventListener("click", (event) => {
    if (!event.target.closest("select, a, button, input")) { field.focus(); }
  });
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.srcObject = stream;
      view.hidden = false;
      await view.play();
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      const look = async () => {
        const found = await detector.detect(view).catch(() => []);
        if (found.length) {
          stream.getTracks().forEach((track) => track.stop());
          field.value = found[0].rawValue;
          form.requestSubmit();
          return;
        }
        requestAnimationFrame(look);
      };
      look();
    } catch (broken) {
      button.textContent = "摄像头不可用，请扫码枪扫或手输";
      button.disabled = true;
    }
  });
}());

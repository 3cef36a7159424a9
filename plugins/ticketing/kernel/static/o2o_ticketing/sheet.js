"use strict";
// The paper is in the printer: print at once; afterwards Escape leads back to the next guest, where there is a way back.
if (document.querySelector(".sheet")) window.addEventListener("load", () => window.print());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.getElementById("back")?.click();
});

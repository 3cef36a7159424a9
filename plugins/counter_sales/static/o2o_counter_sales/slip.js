// A roll is as long as what is printed on it: the page is given the slip's own length, then the printer is asked.
"use strict";
(function () {
  const WIDTHS = { "slip-80mm": [80, 3], "slip-58mm": [58, 4] };
  const PER_MM = 96 / 25.4;
  function fit() {
    const roll = WIDTHS[document.body.className];
    if (!roll) return;
    const [width, side] = roll;
    const style = document.createElement("style");
    document.head.append(style);
    // measured as it will be printed: without the grey around it
    const long = Math.ceil(document.querySelector(".slip").getBoundingClientRect().height / PER_MM) + 8;
    style.textContent = `@page roll${width} { size: ${width}mm ${Math.max(long, 60)}mm; margin: 2mm ${side}mm; }`;
  }
  window.addEventListener("load", function () {
    fit();
    if (document.body.dataset.ask === "yes") window.print();
  });
})();

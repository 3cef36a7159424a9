// Counting a drawer: what each pile is worth and all of them together, in fen; Enter goes on to the next pile.
"use strict";
(() => {
  const box = document.querySelector("[data-counts]");
  if (!box) { return; }
  const inputs = [...box.querySelectorAll("input")];
  const yuan = (fen) => "¥" + (fen / 100).toFixed(2);
  function reckon() {
    let sum = 0;
    inputs.forEach((input) => {
      const pieces = /^\d+$/.test(input.value.trim()) ? Number(input.value) : 0;
      const fen = pieces * Math.round(Number(input.dataset.worth) * 100);
      input.nextElementSibling.textContent = pieces ? yuan(fen) : "";
      sum += fen;
    });
    box.querySelector("[data-total]").textContent = yuan(sum);
  }
  inputs.forEach((input, at) => {
    input.addEventListener("input", reckon);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", (event) => {
      const step = event.key === "Enter" || event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const next = step && (inputs[at + step] || (event.key === "Enter" && box.closest("form").querySelector("fieldset ~ .o2o-desk-field input")));
      if (step) { event.preventDefault(); }
      if (next) { next.focus(); }
    });
  });
  reckon();
})();

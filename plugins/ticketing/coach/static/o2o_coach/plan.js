// 座位图: a press on a free seat writes its number into the form, another one takes it out.
(function () {
  "use strict";
  const field = document.getElementById("id_seats");
  const plan = document.getElementById("plan");
  if (!field || !plan) { return; }
  const seats = () => field.value.split(/[\s,，、]+/).filter(Boolean);
  const show = () => {
    const chosen = new Set(seats());
    plan.querySelectorAll("[data-seat]").forEach((one) => one.setAttribute("aria-pressed", String(chosen.has(one.dataset.seat))));
  };
  plan.addEventListener("click", (event) => {
    const seat = event.target.closest("[data-seat]");
    if (!seat || seat.disabled) { return; }
    const chosen = seats();
    const at = chosen.indexOf(seat.dataset.seat);
    if (at < 0) { chosen.push(seat.dataset.seat); } else { chosen.splice(at, 1); }
    field.value = chosen.join(" ");
    show();
  });
  field.addEventListener("input", show);
  show();
}());

"use strict";
// The next guest: back to the field, whatever the clerk was at. A paper is printed once, however often Enter is pressed.
const field = document.getElementById("text");
// whatever the frame of the page did meanwhile
if (document.activeElement === document.body) document.querySelector("#desk [autofocus]")?.focus();
document.addEventListener("keydown", (event) => {
  if (event.key !== "F2") return;
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
for (const form of document.querySelectorAll("#desk form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}

// "复制说明": copies a text; where the browser has no clipboard (plain http) the text is selected and copied the old way.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  if (navigator.clipboard) await navigator.clipboard.writeText(text.value);
  else { text.select(); document.execCommand("copy"); }
  button.textContent = button.dataset.done;
});

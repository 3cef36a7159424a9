// What is wrong with the page on the screen: run in it by test_browser.py, TARGET filled in.
() => {
  const shown = (one) => one.getClientRects().length && getComputedStyle(one).visibility !== "hidden";
  const named = (one) => (one.getAttribute("aria-label") || one.innerText || one.title || "").trim();
  const wrong = [];
  const tell = (what, one) => wrong.push(`${what}: ${one.outerHTML.slice(0, 160)}`);
  for (const one of document.querySelectorAll("img")) if (!one.hasAttribute("alt")) tell("without alt", one);
  for (const one of document.querySelectorAll("button, a[href], [role=button]")) {
    if (!shown(one)) continue;
    const { width, height } = one.getBoundingClientRect();
    if (!named(one) && !one.querySelector("[aria-label], img[alt]:not([alt=''])")) tell("nameless", one);
    // links within a sentence are excepted, as in WCAG
    if ((height < TARGET || width < TARGET) && !one.closest("p")) tell(`small ${Math.round(width)}x${Math.round(height)}`, one);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push("wider than the screen");
  if (!document.title) wrong.push("no title");
  return wrong;
}

// Small helps on top of pages that work without: selects that send their form, pages that look again.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});

// A picture that cannot be had leaves the letter behind it.
document.addEventListener("error", (event) => event.target.matches?.(".thumb img") && event.target.remove(), true);
for (const img of document.querySelectorAll(".thumb img")) if (img.complete && !img.naturalWidth) img.remove();

// Replace the content of a page with a newer one of the same address, keeping focus and scrolling.
async function refresh() {
  const reply = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const main = document.getElementById("main");
  const focused = document.activeElement && document.activeElement.id;
  main.replaceChildren(...fresh.getElementById("main").childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  for (const log of main.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;
  again();
}

function again() {
  const asks = document.querySelector("[data-reload]");
  if (asks) setTimeout(() => refresh().catch(again), 1000 * Number(asks.dataset.reload));
}

for (const log of document.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;
again();

// Small helps on top of pages that work without: selects that send their form, pages that follow what they show.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});

// A picture that cannot be had leaves the letter behind it.
document.addEventListener("error", (event) => event.target.matches?.(".thumb img") && event.target.remove(), true);
for (const img of document.querySelectorAll(".thumb img")) if (img.complete && !img.naturalWidth) img.remove();

// Replace the content of a page with a newer one of the same address, keeping focus, scrolling, and what is unfolded.
async function refresh() {
  const reply = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!reply.ok) return again();
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const main = document.getElementById("main");
  const focused = document.activeElement && document.activeElement.id;
  const folds = [...main.querySelectorAll("details[id]")].map((one) => [one.id, one.open]);
  const scrolled = [...main.querySelectorAll(".scroll")].map((one) => [one.scrollLeft, one.scrollTop]);
  document.title = fresh.title;
  main.replaceChildren(...fresh.getElementById("main").childNodes);
  for (const [id, open] of folds) if (open) document.getElementById(id)?.setAttribute("open", "");
  main.querySelectorAll(".scroll").forEach((one, number) => scrolled[number] && one.scrollTo(...scrolled[number]));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  for (const log of main.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;
  again();
}

// Follow a page by server-sent events; where there is no stream, look again every few seconds.
let stream, timer;

function again() {
  clearTimeout(timer);
  const live = document.querySelector("[data-live]");
  if (live && window.EventSource) return follow(live.dataset.live);
  stream?.close();
  stream = undefined;
  const asks = document.querySelector("[data-reload]");
  if (asks) timer = setTimeout(() => refresh().catch(again), 1000 * Number(asks.dataset.reload));
}

function follow(address) {
  if (stream) return;
  stream = new EventSource(address);
  let seen;
  stream.addEventListener("change", (event) => {
    if (event.data !== seen) refresh().catch(() => {});
    seen = event.data;
  });
  stream.addEventListener("end", () => {
    stream.close();
    refresh().catch(() => {});
  });
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    stream = undefined;
    timer = setTimeout(() => refresh().catch(again), 5000);
  });
}

for (const log of document.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;
for (const one of document.querySelectorAll(".workflow")) one.scrollLeft = (one.scrollWidth - one.clientWidth) / 2;
const current = document.querySelector("nav [aria-current]");
if (current) current.parentElement.scrollLeft = current.offsetLeft - current.parentElement.offsetLeft - 40;
again();

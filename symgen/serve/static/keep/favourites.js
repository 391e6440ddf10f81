/**
 * Favourites: what plays a moment again, kept in this browser.
 *
 * @import {Favourite} from "../base/protocol.js"
 *
 * @typedef {object} Kept
 * @property {string} name model, seed, place and day
 * @property {Record<string, string>} link the query that plays it again
 * @property {number} at seconds from the beginning of the stream
 */
import { clock, download, find, make } from "../base/dom.js";

const STORE = "symgen.favourites";

/** @returns {Kept[]} the newest first */
export function load() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {Kept[]} all */
function store(all) {
  localStorage.setItem(STORE, JSON.stringify(all));
}

/** @param {Favourite} answer of the server @param {string} title of the model */
export function add({ at, link }, title) {
  const day = new Date().toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const texts = Object.entries(link).map(([key, value]) => [key, String(value)]);
  const name = `${title} ${link.seed}, ${clock(at)}, ${day}`;
  store([{ name, at, link: Object.fromEntries(texts) }, ...load()]);
}

/** Show the list. @param {(kept: Kept) => void} play */
export function show(play) {
  const all = load();
  const list = find("favourites", HTMLUListElement);
  list.replaceChildren(...all.map((kept, place) => row(kept, place, play)));
  if (!all.length) list.append(make("li", { className: "note" }, "None yet."));
  find("favourites-export", HTMLButtonElement).hidden = !all.length;
}

/** @param {Kept} kept @param {number} place @param {(kept: Kept) => void} play */
function row(kept, place, play) {
  const again = make("button", { type: "button", className: "again", textContent: kept.name });
  again.setAttribute("aria-label", `Play again: ${kept.name}`);
  again.addEventListener("click", () => play(kept));
  const gone = make("button", { type: "button", className: "quiet", textContent: "Remove" });
  gone.setAttribute("aria-label", `Remove ${kept.name}`);
  gone.addEventListener("click", () => {
    store(load().filter((_, other) => other !== place));
    show(play);
    find("favour", HTMLButtonElement).focus();
  });
  return make("li", {}, again, gone);
}

/** Hand the list to the person as JSON. */
export function exported() {
  const text = JSON.stringify(load(), null, 2);
  download(new Blob([text], { type: "application/json" }), "symgen-favourites.json");
}

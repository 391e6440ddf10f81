/**
 * Sheets for sight reading: a new one at one press, engraved by the server, with its sound.
 *
 * @import {Music} from "../music.js"
 * @typedef {{title: string, about: string, seed: string, pages: string[], message: string}} Sheet
 */
import { address, ask } from "../base/api.js";
import { make } from "../base/dom.js";

/** @type {[string, string, string[]][]} name in the address, title, values; "" is the level's own */
const CHOICES = [
  ["level", "Level", ["1", "2", "3", "4", "5", "6", "7", "8"]],
  ["bars", "Bars", ["8", "12", "16", "24", "32"]],
  ["hands", "Hands", ["both", "right", "left"]],
  ["key", "Key", ["", "C", "G", "F", "D", "Bb", "A", "Eb", "Am", "Em", "Dm", "Gm", "Bm", "Cm"]],
  ["meter", "Meter", ["", "4/4", "3/4", "2/4", "6/8"]],
  ["rhythm", "Shortest notes", ["", "quarters", "eighths", "sixteenths"]],
];
const NARROW = 600; // pixels
const FILES = [
  ["mid", "MIDI"],
  ["musicxml", "MusicXML"],
];

/** @param {HTMLElement} root @param {Music} music */
export function mount(root, music) {
  const form = make("form", { className: "row", autocomplete: "off" }, ...CHOICES.map(choice));
  const button = make("button", { type: "submit", className: "first", textContent: "New sheet" });
  const said = make("p", { className: "note", role: "status" });
  const sheet = make("article", { className: "sheet", hidden: true });
  form.append(button);
  root.className = "room";
  root.append(
    make("h1", { textContent: "Practise sight reading" }),
    make("p", { textContent: "New music at your level. No sheet comes twice." }),
    form,
    said,
    sheet,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "Writing …";
    const query = wish(form);
    try {
      const width = root.clientWidth < NARROW ? "800" : "1500"; // tenths of a millimetre
      const answer = await ask("/api/practice", { ...query, width });
      const found = /** @type {Sheet} */ (await answer.json());
      said.textContent = found.message;
      show(sheet, found, { ...query, seed: found.seed }, music);
    } catch (error) {
      said.textContent = String(error instanceof Error ? error.message : error);
    }
    button.disabled = false;
  });
}

/** @param {[string, string, string[]]} row */
function choice([name, title, values]) {
  const options = values.map((value) =>
    make("option", { value, textContent: value || "any of the level" }),
  );
  return make("label", { className: "field" }, title, make("select", { name }, ...options));
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} what is chosen */
function wish(form) {
  const chosen = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(chosen.filter(([, value]) => value));
}

/**
 * @param {HTMLElement} place
 * @param {Sheet} sheet
 * @param {Record<string, string>} query what makes the sheet again
 * @param {Music} music
 */
function show(place, sheet, query, music) {
  const address_of = (/** @type {string} */ format) =>
    address("/api/practice/file", { ...query, format });
  const sound = make("audio", { controls: true, preload: "none", src: address_of("ogg") });
  sound.setAttribute("aria-label", "The sheet as sound");
  sound.addEventListener("play", () => music.hush());
  const links = FILES.map(([format, title]) =>
    make("a", { className: "button", href: address_of(format), download: "", textContent: title }),
  );
  const print = make("button", { type: "button", textContent: "Print" });
  print.addEventListener("click", () => globalThis.print());
  for (const old of place.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  place.replaceChildren(
    make("h2", { textContent: `${sheet.title}: ${sheet.about}` }),
    ...sheet.pages.map((page, k) => picture(page, `${sheet.title}, page ${k + 1}`)),
    make("div", { className: "row" }, sound, ...links, print),
    make("p", { className: "note", textContent: `Seed ${sheet.seed}` }),
  );
  place.hidden = false;
}

/** @param {string} svg @param {string} alt */
function picture(svg, alt) {
  const src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  return make("img", { className: "paper", src, alt });
}

/**
 * Practise: a sheet to read at sight, new at each press.
 *
 * @import {Query} from "../base/protocol.js"
 * @import {Music} from "../music.js"
 *
 * @typedef {object} Sheet what the server makes
 * @property {number | string} seed
 * @property {string} title
 * @property {number} level
 * @property {string[]} svg one engraving a page
 * @property {number} seconds
 * @property {Record<string, string>} [download] addresses of files by their kind
 */
import { address, ask } from "../base/api.js";
import { make } from "../base/dom.js";

const LEVELS = 8;
const LENGTHS = [8, 16, 24, 32];
const HANDS = { both: "both hands", right: "right hand", left: "left hand" };
const KEYS = ["", "C", "G", "D", "A", "F", "Bb", "Eb", "Am", "Em", "Dm", "Gm"];

/** @type {HTMLAudioElement | undefined} */
let sound;

/** Fill the section. @param {HTMLElement} root @param {Music} music */
export function mount(root, music) {
  music.player.pause();
  const level = choice("Level", "level", numbers(LEVELS), "2");
  const bars = choice(
    "Bars",
    "bars",
    LENGTHS.map((bar) => [String(bar), String(bar)]),
    "8",
  );
  const hands = choice("Hands", "hands", Object.entries(HANDS), "both");
  const key = choice(
    "Key",
    "key",
    KEYS.map((name) => [name, name || "any"]),
    "",
  );
  const fields = [level, bars, hands, key];
  const again = make("button", { type: "submit", className: "first", textContent: "A new sheet" });
  const said = make("p", { className: "note", role: "status" });
  const paper = make("div", { className: "papers" });
  sound = make("audio", { controls: true, preload: "none", hidden: true, ariaLabel: "Playback" });
  const files = make("p", { className: "row" });
  const form = make("form", { className: "row" }, ...fields.map(({ label }) => label), again);
  const playback = make("div", { className: "row" }, sound, files);
  const title = make("h2", {}, "Read at sight");
  root.append(make("div", { className: "card" }, title, form, said, playback), paper);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = fields
      .map(({ select }) => [select.name, select.value])
      .filter(([, value]) => value);
    again.disabled = true;
    said.textContent = "Writing a sheet …";
    try {
      const sheet = await (await ask("/api/practice", Object.fromEntries(chosen))).json();
      said.textContent = sheet.title;
      show(sheet, Object.fromEntries(chosen), paper, files);
    } catch (error) {
      said.textContent = String(error instanceof Error ? error.message : error);
    }
    again.disabled = false;
  });
  form.requestSubmit();
}

/** Another section opens. */
export function leave() {
  sound?.pause();
}

/**
 * @param {Sheet} sheet
 * @param {Query} asked
 * @param {HTMLElement} paper
 * @param {HTMLElement} files
 */
function show(sheet, asked, paper, files) {
  for (const old of paper.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  const pages = sheet.svg.map((svg, page) => {
    const src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    const alt = `Sheet music, page ${page + 1} of ${sheet.svg.length}: ${sheet.title}`;
    return make("img", { src, alt, className: "paper" });
  });
  paper.replaceChildren(...pages);
  if (!sound) return;
  sound.src = address("/api/practice/sound", { ...asked, seed: String(sheet.seed) });
  sound.hidden = false;
  const links = Object.entries(sheet.download ?? {});
  files.replaceChildren(
    ...links.map(([kind, href]) => make("a", { href: address(href), download: "" }, kind)),
  );
}

/** @param {number} most @returns {[string, string][]} */
function numbers(most) {
  return Array.from({ length: most }, (_, i) => [String(i + 1), String(i + 1)]);
}

/**
 * @param {string} title
 * @param {string} name
 * @param {[value: string, text: string][]} options
 * @param {string} usual
 */
function choice(title, name, options, usual) {
  const all = options.map(([value, text]) => make("option", { value, textContent: text }));
  const select = make("select", { name }, ...all);
  select.value = usual;
  return { select, label: make("label", { className: "field" }, `${title} `, select) };
}

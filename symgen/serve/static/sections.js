/**
 * The sections of the page. A new one is a module and one line in SECTIONS.
 *
 * A module exports `mount(root, music)`, which fills an empty `<section>`. It is loaded when its tab
 * is opened for the first time. `leave`, if it exports that too, is called when another tab opens.
 *
 * @import {Music} from "./music.js"
 *
 * @typedef {object} Section
 * @property {string} id
 * @property {string} title
 * @property {string} [module] none for the part that is in the page
 */
import { find, make } from "./base/dom.js";

/** @type {Section[]} */
export const SECTIONS = [
  { id: "play", title: "Play" },
  { id: "practise", title: "Practise", module: "./practise/practise.js" },
  { id: "judge", title: "Judge", module: "./judge/judge.js" },
];

/** Make the tabs; with one section there are none. @param {Music} music */
export function tabs(music) {
  if (SECTIONS.length < 2) return;
  const bar = find("tabs", HTMLElement);
  const main = find("main", HTMLElement);
  /** @type {Map<string, {root: HTMLElement, leave?: () => void}>} */
  const mounted = new Map([["play", { root: find("play-section", HTMLElement) }]]);
  const open = async (/** @type {Section} */ { id, title, module }) => {
    for (const [other, { root, leave }] of mounted) {
      if (other !== id && !root.hidden) leave?.();
      root.hidden = other !== id;
    }
    for (const tab of bar.children) tab.toggleAttribute("aria-current", tab.id === `tab-${id}`);
    if (mounted.has(id) || !module) return;
    const root = make("section", { id: `${id}-section`, ariaLabel: title });
    mounted.set(id, { root });
    main.append(root);
    const loaded = await import(module);
    mounted.set(id, { root, leave: loaded.leave });
    await loaded.mount(root, music);
  };
  bar.append(
    ...SECTIONS.map((section) => {
      const tab = make("button", {
        type: "button",
        id: `tab-${section.id}`,
        textContent: section.title,
      });
      tab.addEventListener("click", () => open(section));
      return tab;
    }),
  );
  bar.hidden = false;
  open(SECTIONS[0]);
}

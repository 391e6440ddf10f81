/** A piano on the screen, for the finger, the mouse and the arrow keys. */
import { find, make } from "../base/dom.js";
import { pitchName } from "../see/score.js";

const LOWEST = 60;
const HIGHEST = 79;
const VELOCITY = 80;
const BLACK = new Set([1, 3, 6, 8, 10]);

/**
 * @param {(pitch: number, velocity: number) => void} on
 * @param {(pitch: number) => void} off
 */
export function keys(on, off) {
  const box = find("keys", HTMLElement);
  const all = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, i) => key(LOWEST + i, on, off));
  all[0].tabIndex = 0;
  box.replaceChildren(...all);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const from = all.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const next = step && all[from + step];
    if (!next) return;
    event.preventDefault();
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  });
}

/**
 * @param {number} pitch
 * @param {(pitch: number, velocity: number) => void} on
 * @param {(pitch: number) => void} off
 */
function key(pitch, on, off) {
  const black = BLACK.has(pitch % 12);
  const button = make("button", {
    type: "button",
    tabIndex: -1,
    className: black ? "black" : "white",
  });
  button.setAttribute("aria-label", pitchName(pitch));
  const down = () => {
    button.classList.add("down");
    on(pitch, VELOCITY);
  };
  const up = () => {
    if (!button.classList.contains("down")) return;
    button.classList.remove("down");
    off(pitch);
  };
  button.addEventListener("pointerdown", (event) => {
    button.releasePointerCapture(event.pointerId); // so that a finger may slide to the next key
    down();
  });
  button.addEventListener("pointerenter", (event) => {
    if (event.buttons) down();
  });
  button.addEventListener("pointerup", up);
  button.addEventListener("pointerleave", up);
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) down();
  });
  button.addEventListener("keyup", up);
  button.addEventListener("blur", up);
  button.addEventListener("click", (event) => {
    if (event.detail) return; // the pointer has played it; this is a reader of the screen
    down();
    setTimeout(up, 300);
  });
  return button;
}

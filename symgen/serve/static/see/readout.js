/**
 * The music in words: what is asked, what is heard, what sounds.
 *
 * @import {Control, State, Value} from "../base/protocol.js"
 */
import { find, make } from "../base/dom.js";

/** Digits behind the point of numbers below some size. */
const DIGITS = [
  [2, 2],
  [10, 1],
];
const FIRST = ["key", "density", "loudness", "register"]; // what is shown, where a model has it

/** Write nothing where nothing changed, so that readers of the screen are left in peace.
 *
 * @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {Value | undefined} value
 * @param {Control} [control]
 * @returns {string} the value with its unit
 */
export function worded(value, control) {
  if (value === undefined || value === null || value === "") return "–";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value === "string" && Number.isNaN(Number(value))) return value;
  const number = Number(value);
  const digits = DIGITS.find(([below]) => Math.abs(number) < below)?.[1] ?? 0;
  const unit = control?.unit ? ` ${control.unit.replace(/ \(.*\)/, "")}` : "";
  return `${Number(number.toFixed(digits))}${unit}`;
}

export class Readout {
  constructor() {
    this.body = find("readout", HTMLTableElement).tBodies[0];
    this.passages = find("passages", HTMLElement);
    /** @type {Control[]} */
    this.controls = [];
  }

  /** @param {Control[]} controls */
  begin(controls) {
    this.controls = FIRST.flatMap((name) => controls.filter((control) => control.name === name));
    this.body.replaceChildren(
      ...this.controls.map((control) =>
        make(
          "tr",
          {},
          make("th", { scope: "row", textContent: control.title }),
          make("td", { textContent: "–" }),
          make("td", { textContent: "as it likes" }),
        ),
      ),
    );
    write(this.passages, "");
  }

  /** @param {State} state */
  show(state) {
    this.controls.forEach((control, row) => {
      const [, now, asked] = this.body.rows[row].cells;
      const wish = state.asked[control.name];
      write(now, worded(state.now[control.name], control));
      write(asked, wish === undefined || wish === null ? "as it likes" : worded(wish, control));
    });
    write(this.passages, passages(state));
  }
}

/** @param {State} state */
function passages({ refused = 0, replayed = 0 }) {
  const heard = replayed ? `${replayed} came twice.` : "None came twice.";
  return `Passages refused because they were heard before: ${refused}. ${heard}`;
}

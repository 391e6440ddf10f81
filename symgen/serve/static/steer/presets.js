/**
 * Presets: values for controls, offered where a model has them.
 *
 * @import {Control, Values} from "../base/protocol.js"
 */
import { make } from "../base/dom.js";

/** @type {[title: string, values: Values][]} */
const PRESETS = [
  ["Calm", { density: 2.5, loudness: 45, polyphony: 2 }],
  ["Flowing", { density: 6, loudness: 58 }],
  ["Lively", { density: 10, loudness: 80 }],
  ["As it likes", {}],
];

/**
 * Return one button for each preset that the controls allow.
 *
 * @param {Control[]} controls
 * @param {(values: Values) => void} chosen
 */
export function presets(controls, chosen) {
  return PRESETS.map(([title, values]) => ({ title, values, known: within(controls, values) }))
    .filter(({ values, known }) => !Object.keys(values).length || Object.keys(known).length)
    .map(({ title, known }) => {
      const button = make("button", { type: "button", textContent: title });
      button.addEventListener("click", () => chosen(known));
      return button;
    });
}

/** @param {Control[]} controls @param {Values} values @returns {Values} those within its range */
function within(controls, values) {
  const there = controls.filter(({ name, kind }) => name in values && kind === "number");
  return Object.fromEntries(
    there.map(({ name, least = -Infinity, most = Infinity }) => [
      name,
      Math.min(most, Math.max(least, Number(values[name]))),
    ]),
  );
}

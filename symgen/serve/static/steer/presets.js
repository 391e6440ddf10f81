/**
 * Presets: values for controls, offered where a model has them.
 *
 * @import {Control, Values} from "../base/protocol.js"
 */
import { make } from "../base/dom.js";

/** @type {[title: string, choices: Values[]][]} the first choice of which the model has any */
const PRESETS = [
  ["Calm", [{ calm: 0.8 }, { density: 2.5, polyphony: 2 }]],
  ["Flowing", [{ density: 6, loudness: 60 }]],
  ["Lively", [{ density: 10, loudness: 80 }]],
];

/**
 * Return one button for each preset that the controls allow.
 *
 * @param {Control[]} controls
 * @param {(values: Values) => void} chosen
 */
export function presets(controls, chosen) {
  const offers = PRESETS.map(([title, choices]) => ({
    title,
    values: choices.map((values) => within(controls, values)).find(any) ?? {},
  }));
  const free = { title: "As it likes", values: {} };
  return [...offers.filter(({ values }) => any(values)), free].map(({ title, values }) => {
    const button = make("button", { type: "button", textContent: title });
    button.addEventListener("click", () => chosen(values));
    return button;
  });
}

/** @param {Values} values */
const any = (values) => Object.keys(values).length > 0;

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

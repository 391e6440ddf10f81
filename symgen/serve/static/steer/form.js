/**
 * The form of a model: one field for each control that the server lists.
 *
 * @import {Control, Query, Values} from "../base/protocol.js"
 * @import {Field} from "./kinds.js"
 */
import { find } from "../base/dom.js";
import { field } from "./kinds.js";

const SHOWN = 9; // the others are folded

export class Form {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.main = find("controls", HTMLFormElement);
    this.rest = find("more-controls", HTMLElement);
    this.more = find("more", HTMLDetailsElement);
    this.main.addEventListener("submit", (event) => event.preventDefault());
    /** @type {Map<string, Field>} */
    this.fields = new Map();
  }

  /** Show the controls of a model; values of the same name stay. @param {Control[]} controls */
  show(controls) {
    const before = this.values();
    this.fields = new Map(controls.map((control) => [control.name, field(control, this.changed)]));
    const elements = [...this.fields.values()].map(({ element }) => element);
    this.main.replaceChildren(...elements.slice(0, SHOWN));
    this.rest.replaceChildren(...elements.slice(SHOWN));
    this.more.hidden = elements.length <= SHOWN;
    for (const control of controls) {
      const value = before[control.name] ?? null;
      if (value !== null && fits(control, value)) this.fields.get(control.name)?.set(value);
    }
  }

  /** @returns {Values} */
  values() {
    return Object.fromEntries([...this.fields].map(([name, { get }]) => [name, get()]));
  }

  /** Set the controls that are named, and let go of all others. @param {Values} values */
  set(values) {
    for (const [name, { set }] of this.fields) set(values[name] ?? null);
  }

  /** @param {Values} values what the music does */
  now(values) {
    for (const [name, { now }] of this.fields) now(values[name]);
  }

  /** @returns {Query} the controls that are set */
  query() {
    const set = Object.entries(this.values()).filter(([, value]) => value !== null);
    return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
  }
}

/** @param {Control} control @param {import("../base/protocol.js").Value} value */
function fits(control, value) {
  if (control.kind === "flag") return value === true;
  if (control.kind !== "number") return control.values?.includes(String(value)) ?? true;
  const { least = -Infinity, most = Infinity } = control;
  return Number(value) >= least && Number(value) <= most;
}

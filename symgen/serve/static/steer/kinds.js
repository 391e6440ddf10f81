/**
 * The form of one control, by its kind. A new kind is one function and one line in KINDS.
 *
 * Every control is off at first: the music is as the model likes. A slider that is off shows what
 * the music does by itself.
 *
 * @import {Control, Kind, Value} from "../base/protocol.js"
 *
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {() => Value} get null: as the model likes
 * @property {(value: Value) => void} set
 * @property {(value: Value | undefined) => void} now show what the music does
 */
import { make } from "../base/dom.js";
import { worded } from "../see/readout.js";

const LIKES = "as it likes";

/**
 * @param {Control} control
 * @param {() => void} changed
 * @returns {Field}
 */
export function field(control, changed) {
  return (KINDS[control.kind] ?? text)(control, changed);
}

/** @type {Record<Kind, (control: Control, changed: () => void) => Field>} */
const KINDS = { number, choice, key: choice, flag, text };

/** @param {Control} control @param {() => void} changed @returns {Field} */
function number(control, changed) {
  const { title } = control;
  const range = slider(control);
  const said = make("output");
  const free = make("button", { type: "button", className: "free", textContent: "let go" });
  free.setAttribute("aria-label", `${title}: as the model likes`);
  const label = make("label", { htmlFor: range.id }, title);
  const head = make("div", { className: "head" }, label, said, free);
  const element = make("div", { className: "control number" }, head, range);
  let on = false;

  /** @param {boolean} taken */
  const show = (taken) => {
    on = taken;
    element.classList.toggle("on", on);
    free.hidden = !on;
    said.textContent = on ? worded(range.value, control) : LIKES;
    range.setAttribute("aria-valuetext", said.textContent);
  };
  const take = () => {
    show(true);
    changed();
  };
  const release = () => {
    show(false);
    range.focus();
    changed();
  };
  range.addEventListener("input", take);
  free.addEventListener("click", release);
  show(false);
  return {
    element,
    get: () => (on ? Number(range.value) : null),
    set: (value) => {
      if (value !== null) range.value = String(value);
      show(value !== null);
    },
    now: (value) => {
      if (!on && typeof value === "number") range.value = String(value);
    },
  };
}

/** @param {Control} control */
function slider({ name, least = 0, most = 1, step }) {
  const range = make("input", { id: `control-${name}`, name, type: "range" });
  range.min = String(least);
  range.max = String(most);
  range.step = String(step || (most - least) / 100);
  range.value = String((least + most) / 2);
  return range;
}

/** @param {Control} control @param {() => void} changed @returns {Field} */
function choice(control, changed) {
  const options = (control.values ?? []).map((value) =>
    make("option", { value, textContent: value }),
  );
  const listed = control.kind === "key" ? byMode(options) : options;
  const none = make("option", { value: "", textContent: LIKES });
  const select = make(
    "select",
    { id: `control-${control.name}`, name: control.name },
    none,
    ...listed,
  );
  const label = make("label", { htmlFor: select.id }, control.title);
  const element = make("div", { className: "control" }, label, select);
  const show = () => element.classList.toggle("on", select.value !== "");
  select.addEventListener("change", () => {
    show();
    changed();
  });
  return {
    element,
    get: () => select.value || null,
    set: (value) => {
      const known = options.some((option) => option.value === value);
      if (value !== null && !known) {
        const own = String(value);
        select.append(make("option", { value: own, textContent: own }));
      }
      select.value = value === null ? "" : String(value);
      show();
    },
    now: () => {},
  };
}

/** @param {Control} control @param {() => void} changed @returns {Field} */
function flag(control, changed) {
  const box = make("input", {
    id: `control-${control.name}`,
    name: control.name,
    type: "checkbox",
  });
  const label = make("label", { htmlFor: box.id }, control.title);
  const element = make("div", { className: "control flag" }, box, label);
  box.addEventListener("change", changed);
  return {
    element,
    get: () => box.checked || null,
    set: (value) => {
      box.checked = value === true || value === "true" || value === "1";
    },
    now: () => {},
  };
}

/** @param {Control} control @param {() => void} changed @returns {Field} */
function text({ name, title }, changed) {
  const input = make("input", { id: `control-${name}`, name, type: "text", placeholder: LIKES });
  const label = make("label", { htmlFor: input.id }, title);
  const element = make("div", { className: "control" }, label, input);
  input.addEventListener("change", changed);
  return {
    element,
    get: () => input.value.trim() || null,
    set: (value) => {
      input.value = value === null ? "" : String(value);
    },
    now: () => {},
  };
}

/** Keys in groups: major, minor, and each other mode. @param {HTMLOptionElement[]} options */
function byMode(options) {
  const groups = Map.groupBy(options, ({ value }) => value.replace(/^[A-G][#b]?/, "").trim());
  /** @type {Record<string, string>} */
  const names = { "": "major", m: "minor" };
  return [...groups].map(([mode, keys]) => {
    const group = make("optgroup", { label: names[mode] ?? mode });
    group.append(...keys);
    return group;
  });
}

/** What surrounds the music: light and dark, shortcuts, the state in words. */
import { find, make } from "./base/dom.js";

const SCHEME = "symgen.scheme";
const LETTERS = "symgen.letters";

/** A switch between light and dark. @param {() => void} changed */
export function scheme(changed) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const button = find("scheme", HTMLButtonElement);
  const isDark = () => (root.dataset.scheme ?? (dark.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} colours`);
    changed();
  };
  button.addEventListener("click", () => {
    root.dataset.scheme = isDark() ? "light" : "dark";
    localStorage.setItem(SCHEME, root.dataset.scheme);
    show();
  });
  dark.addEventListener("change", show);
  show();
}

/** @typedef {[key: string, what: string, act: () => void]} Shortcut */

/** @param {Shortcut[]} own */
export function shortcuts(own) {
  const dialog = find("shortcuts", HTMLDialogElement);
  const help = find("help", HTMLButtonElement);
  const open = () => dialog.showModal();
  const all = [...own, /** @type {Shortcut} */ (["?", "these shortcuts", open])];
  help.addEventListener("click", open);
  find("shortcut-list", HTMLElement).append(
    ...all.flatMap(([key, what]) => [
      make("dt", {}, make("kbd", { textContent: key === " " ? "space" : key })),
      make("dd", { textContent: what }),
    ]),
  );
  const box = make("input", { type: "checkbox", checked: !localStorage.getItem(LETTERS) });
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(LETTERS);
    else localStorage.setItem(LETTERS, "off");
  });
  dialog
    .querySelector("dl")
    ?.after(make("label", { className: "field" }, box, " Shortcuts are on"));
  addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (!plain || !box.checked || dialog.open || takes(event.target, event.key)) return;
    const found = all.find(([key]) => key === event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    found[2]();
  });
}

/** Whether the element needs the key itself. @param {EventTarget | null} target @param {string} key */
function takes(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("select, textarea, input:not([type=range], [type=checkbox])")) return true;
  return key === " " && target.matches("button, summary, a, input");
}

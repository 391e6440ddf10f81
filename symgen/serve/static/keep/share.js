/**
 * Links that carry model, seed and controls, behind the # of the address.
 *
 * @import {Query} from "../base/protocol.js"
 */
import { make } from "../base/dom.js";

/** @param {Query} query @returns {string} an address of this page without its token */
export function linkTo(query) {
  return `${location.origin}${location.pathname}#${new URLSearchParams(query)}`;
}

/** @returns {Query | null} what the address of this page carries */
export function linked() {
  const all = [...new URLSearchParams(location.hash.slice(1))];
  const set = all.filter(([, value]) => value); // "#main" is a place on the page
  return set.length ? Object.fromEntries(set) : null;
}

/**
 * Copy a link, or show it where the browser does not allow that.
 *
 * @param {string} link
 * @param {HTMLElement} said
 */
export async function copy(link, said) {
  try {
    await navigator.clipboard.writeText(link);
    said.textContent = "Copied the link.";
  } catch {
    const shown = make("input", { value: link, readOnly: true, ariaLabel: "Link" });
    said.replaceChildren(shown);
    shown.select();
  }
}

/**
 * Addresses of the server, and what it answers.
 *
 * @import {Model, Query} from "./protocol.js"
 */

/** The token of this page's address goes into every other address. */
const TOKEN = new URLSearchParams(location.search).get("token");

/**
 * Return the path with the query and the token.
 *
 * @param {string} path
 * @param {Query} [query]
 */
export function address(path, query = {}) {
  const all = new URLSearchParams(query);
  if (TOKEN) all.set("token", TOKEN);
  const text = all.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * Return the address of a stream's WebSocket.
 *
 * @param {Query} query model, seed and controls
 */
export function socketAddress(query) {
  const url = new URL(address("/api/stream", query), location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Fetch, and throw an Error with the server's own line where it refuses.
 *
 * @param {string} path
 * @param {Query} [query]
 * @param {RequestInit} [options]
 */
export async function ask(path, query, options) {
  const response = await fetch(address(path, query), options);
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Error(said.error ?? `The server answered ${response.status} ${response.statusText}.`);
}

/** @returns {Promise<Model[]>} the models, each with its controls */
export async function models() {
  const found = await (await ask("/api/models")).json();
  return found.map(withLabels).map(withTitles);
}

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Titles begin with a capital letter. @param {Model} model @returns {Model} */
function withTitles(model) {
  const controls = model.controls.map((one) => ({ ...one, title: sentence(one.title) }));
  return { ...model, title: sentence(model.title), controls };
}

/**
 * The labels of a model are a control like any other.
 *
 * @param {Model} model
 * @returns {Model}
 */
function withLabels(model) {
  const known = model.controls.some((control) => control.name === "label");
  if (known || !model.labels?.length) return model;
  const label = /** @type {const} */ ({ name: "label", title: "Style", kind: "choice" });
  return { ...model, controls: [{ ...label, values: model.labels }, ...model.controls] };
}

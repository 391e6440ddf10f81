/**
 * The music of this page: which model, with which controls, and the stream that plays it.
 *
 * @import {Hello, Model, Query, Values} from "./base/protocol.js"
 * @import {Player} from "./audio/player.js"
 * @import {Form} from "./steer/form.js"
 */
import { find, make } from "./base/dom.js";

export class Music {
  /** @param {Player} player @param {Form} form @param {Model[]} models */
  constructor(player, form, models) {
    this.player = player;
    this.form = form;
    this.models = models;
    /** @type {Hello | null} the stream that plays */
    this.hello = null;
    /** @type {Values} the controls that the stream was opened with */
    this.opened = {};
    /** @type {Values} the controls that the stream has now */
    this.sent = {};
    /** @type {Query} what the next stream has beside model and controls */
    this.wish = {};
    /** @type {(model: Model) => void} called when another model is chosen */
    this.chosen = () => {};
    this.select = find("model", HTMLSelectElement);
    this.select.append(
      ...models.map(({ name, title }) => make("option", { value: name, textContent: title })),
    );
    this.select.addEventListener("change", () => {
      this.choose(this.select.value);
      if (this.player.wanted) this.play();
      else this.leave();
    });
    player.on("hello", (hello) => {
      this.hello = hello;
      this.sent = this.opened;
      this.steer(); // what has changed since the stream was opened
    });
  }

  /** @returns {Model | undefined} */
  get model() {
    return this.models.find(({ name }) => name === this.select.value);
  }

  /** @param {string} name of a model; the first one if there is none of that name */
  choose(name) {
    const model = this.models.find((known) => known.name === name) ?? this.models[0];
    if (!model) return;
    this.select.value = model.name;
    this.form.show(model.controls);
    this.chosen(model);
  }

  /** Open a stream with what the page shows. */
  async play() {
    const query = { model: this.select.value, ...this.form.query(), ...this.wish };
    this.wish = {};
    this.hello = null;
    this.opened = this.form.values();
    await this.player.start(query);
  }

  /** Tell the server which controls have changed. */
  steer() {
    const values = this.form.values();
    const changed = Object.entries(values).filter(([name, value]) => value !== this.sent[name]);
    if (!this.hello || !changed.length) return;
    this.sent = values;
    this.player.set(Object.fromEntries(changed));
  }

  /** The next press opens a new stream. */
  leave() {
    this.hello = null;
    this.player.giveUp("idle");
  }

  async toggle() {
    if (this.player.wanted) this.player.pause();
    else if (this.player.open && this.player.phase === "paused") await this.player.resume();
    else await this.play();
  }

  /** Pause, if it plays: something else is to be heard. */
  hush() {
    if (this.player.wanted) this.player.pause();
  }

  /** @returns {Promise<string>} the stream's id; the music begins if there is none */
  async stream() {
    if (!this.player.wanted) await this.toggle();
    if (this.hello) return this.hello.id;
    return new Promise((done, failed) => {
      this.player.on("hello", ({ id }) => done(id), { once: true });
      this.player.on("error", ({ message }) => failed(new Error(message)), { once: true });
    });
  }

  /** Show model and controls of a link. What else it has is for the next stream. @param {Query} link */
  follow(link) {
    this.choose(link.model);
    const { model: _model, ...rest } = link;
    const known = Object.entries(rest).filter(([name]) => this.form.fields.has(name));
    this.form.set(Object.fromEntries(known));
    this.wish = Object.fromEntries(
      Object.entries(rest).filter(([name]) => !this.form.fields.has(name)),
    );
  }

  /** Play what a link says, from its beginning. @param {Query} link */
  async replay(link) {
    this.follow(link);
    await this.play();
  }

  /** @returns {Query} model, seed and controls as they are now */
  link() {
    const seed = this.hello ? { seed: String(this.hello.seed) } : this.wish;
    return { model: this.select.value, ...seed, ...this.form.query() };
  }
}

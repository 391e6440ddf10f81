/**
 * Sound from a stream of the server: play, pause, volume, and where the music is.
 *
 * Events: `change` when `state` changes; `message` (a MessageEvent) for what the server says;
 * `report` when the audio thread said where it is.
 *
 * @import {Message, News, Order, Query, Values, Wish} from "../base/protocol.js"
 * @import {Output} from "./output.js"
 * @import {Report} from "./speaker.js"
 *
 * @typedef {"idle" | "starting" | "playing" | "paused" | "waiting" | "lost" | "over"} Phase
 */
import { socketAddress } from "../base/api.js";
import { newContext, output } from "./output.js";

const SOFT = 0.06; // seconds to fade in and out at play and pause
const DRY = 0.25; // seconds without sound that are said
const SLOW = 5; // seconds of starting that are said
const LAST = 0.1; // seconds before the end of a stream at which it is over

/** @type {Report} */
const NOTHING = {
  at: 0,
  time: 0,
  ahead: 0,
  flowing: false,
  gaps: 0,
  longest: 0,
  where: 0,
  late: 0,
  heard: 0,
};

export class Player extends EventTarget {
  constructor() {
    super();
    /** @type {Phase} */
    this.phase = "idle";
    this.said = ""; // why the stream is over or lost
    this.report = NOTHING;
    this.ends = Infinity; // seconds on the stream's clock at which its music is over
    this.pressed = 0; // when play was pressed, in milliseconds since 1970
    this.loudness = 0.8;
    this.muted = false;
    this.open = false; // whether a stream is there
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {Output | null} */
    this.speaker = null;
    /** @type {Promise<void> | null} the sound graph, once it is made */
    this.ready = null;
    this.dryTimer = 0; // until waiting is said
    this.holdTimer = 0;
    this.worker = new Worker("/static/audio/link.js", { type: "module" });
    const toPage = new MessageChannel();
    const toSpeaker = new MessageChannel();
    this.speakerPort = toSpeaker.port2;
    const ports = { type: "ports", page: toPage.port2, speaker: toSpeaker.port1 };
    this.worker.postMessage(ports, [toPage.port2, toSpeaker.port1]);
    toPage.port1.onmessage = ({ data }) => this.fromLink(data);
    for (const name of ["worklet", "speaker", "ring"]) fetch(`/static/audio/${name}.js`); // cached
  }

  /** Whether the person wants music now. */
  get wanted() {
    return !["idle", "paused", "over"].includes(this.phase);
  }

  /** Seconds on the stream's clock that are heard now. */
  get position() {
    const { at, time, flowing } = this.report;
    if (!this.context || !flowing) return at;
    const gone = Math.min(0.2, Math.max(0, this.context.currentTime - time));
    return at + gone - (this.context.outputLatency || 0);
  }

  /**
   * Open a stream and play it.
   *
   * @param {Query} query model, seed and controls
   */
  async start(query) {
    this.pressed = Date.now();
    this.open = true;
    const { seed: _seed, changes: _changes, ...again } = query; // so that nothing is heard twice
    this.order({ type: "open", url: socketAddress(query), again: socketAddress(again) });
    this.become("starting");
    await this.sound();
    if (this.wanted) this.flow(true);
  }

  /** Go on after a pause. */
  async resume() {
    this.pressed = Date.now();
    this.become("starting");
    await this.sound();
    this.say({ type: "resume" });
    this.flow(true);
  }

  /**
   * Fade out and hold the music; the server slows down.
   *
   * @param {number} seconds of the fade
   */
  pause(seconds = SOFT) {
    if (!this.wanted) return;
    if (this.phase === "lost") {
      this.giveUp("idle");
      return;
    }
    this.ramp(0, seconds);
    clearTimeout(this.holdTimer);
    if (seconds <= SOFT) this.become("paused");
    this.holdTimer = setTimeout(() => this.hold(), 1000 * seconds);
  }

  hold() {
    this.speaker?.tell({ type: "hold" });
    this.say({ type: "pause" });
    this.become("paused");
    this.holdTimer = setTimeout(() => this.context?.suspend(), 100);
  }

  /** Take back a fade that has not ended. */
  unfade() {
    if (!this.wanted) return;
    clearTimeout(this.holdTimer);
    this.ramp(1, SOFT);
  }

  /** @param {Values} values null for as the model likes */
  set(values) {
    this.say({ type: "set", values });
  }

  /** @param {Wish} wish */
  say(wish) {
    this.order({ type: "say", wish });
  }

  /** @param {number} loudness 0 to 1 */
  turn(loudness, muted = this.muted) {
    this.loudness = loudness;
    this.muted = muted;
    const gain = muted ? 0 : loudness ** 2;
    if (this.context) this.volume?.gain.setTargetAtTime(gain, this.context.currentTime, 0.02);
  }

  /** Ask for what plays this moment again; the answer is a message. */
  favourite() {
    this.say({ type: "favourite", at: this.position });
  }

  /**
   * @template {Message["type"]} T
   * @param {T} type of the server's message
   * @param {(message: Extract<Message, {type: T}>) => void} act
   * @param {AddEventListenerOptions} [options]
   */
  on(type, act, { once = false } = {}) {
    const hear = (/** @type {Event} */ event) => {
      const { data } = /** @type {MessageEvent} */ (event);
      if (data.type !== type) return;
      if (once) this.removeEventListener("message", hear);
      act(data);
    };
    this.addEventListener("message", hear);
  }

  /** @param {Order} order */
  order(order) {
    this.worker.postMessage(order);
  }

  /** Make the sound graph at the first press: browsers allow it then. */
  async sound() {
    clearTimeout(this.holdTimer);
    this.context ??= newContext();
    this.ready ??= this.graph(this.context);
    await Promise.all([this.context.resume(), this.ready]);
  }

  /** @param {AudioContext} context */
  async graph(context) {
    this.speaker = await output(context, (report) => this.hear(report));
    this.speaker.tell({ type: "port", port: this.speakerPort }, [this.speakerPort]);
    this.fade = new GainNode(context, { gain: 0 });
    this.volume = new GainNode(context, { gain: this.muted ? 0 : this.loudness ** 2 });
    this.speaker.node.connect(this.fade).connect(this.volume).connect(context.destination);
    context.addEventListener("statechange", () => {
      if (this.phase === "playing" && context.state !== "running") this.hold(); // a call, say
    });
  }

  /** @param {boolean} on */
  flow(on) {
    this.speaker?.tell({ type: on ? "play" : "hold" });
    this.ramp(on ? 1 : 0, SOFT);
  }

  /** @param {number} gain @param {number} seconds */
  ramp(gain, seconds) {
    if (!this.fade || !this.context) return;
    const now = this.context.currentTime;
    this.fade.gain.cancelAndHoldAtTime?.(now);
    this.fade.gain.setValueAtTime(this.fade.gain.value, now);
    this.fade.gain.linearRampToValueAtTime(gain, now + seconds);
  }

  /** @param {Report} report */
  hear(report) {
    this.report = report;
    if (this.wanted && report.at > this.ends - LAST) this.giveUp("over", "This music has ended.");
    if (report.flowing && ["starting", "waiting", "lost"].includes(this.phase)) this.begun();
    if (!report.flowing && this.phase === "playing") {
      this.dryTimer ||= setTimeout(() => this.wait(), 1000 * DRY);
    } else if (report.flowing) this.forget();
    this.dispatchEvent(new Event("report"));
  }

  begun() {
    if (this.phase === "lost" && !this.open) return; // what was left of the old stream
    this.become("playing");
  }

  forget() {
    clearTimeout(this.dryTimer);
    this.dryTimer = 0;
  }

  /** @param {News} news */
  fromLink(news) {
    if (news.type === "lost") {
      this.open = false;
      this.said = `The connection was lost. Trying again in ${news.wait} s.`;
      if (this.wanted) this.become("lost");
      else this.giveUp("idle"); // nothing sounds: the next press opens a new stream
      return;
    }
    const { message } = news;
    if (message.type === "hello") {
      this.open = true;
      this.ends = Infinity;
    }
    if (message.type === "error") this.giveUp("over", message.message);
    if (message.type === "end") this.ends = message.at;
    this.dispatchEvent(new MessageEvent("message", { data: message }));
  }

  /** @param {Phase} phase @param {string} said */
  giveUp(phase, said = "") {
    this.said = said;
    this.open = false;
    this.order({ type: "close" });
    this.become(phase);
  }

  /** Say that there is no sound, and why. */
  wait() {
    const sounds = this.context?.state === "running";
    this.said = sounds
      ? "Waiting for the server …"
      : "The browser gives no sound. Has it a sound card?";
    this.become("waiting");
  }

  /** @param {Phase} phase */
  become(phase) {
    this.forget();
    this.phase = phase;
    if (phase === "starting") this.dryTimer = setTimeout(() => this.wait(), 1000 * SLOW);
    this.dispatchEvent(new Event("change"));
  }
}

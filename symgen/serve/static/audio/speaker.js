/**
 * The audio thread: plays the ring buffer, and says where it is.
 *
 * Sound comes straight from the worker (`link.js`) by a port, so that a busy page cannot hold it up.
 *
 * @typedef {object} Report what the page gets about 20 times a second
 * @property {number} at seconds of the stream that have been handed to the sound card
 * @property {number} time of the AudioContext at that moment
 * @property {number} ahead seconds that wait in the ring
 * @property {boolean} flowing whether sound comes out
 * @property {number} gaps how often the ring ran dry
 * @property {number} longest seconds of the longest such gap
 * @property {number} late the longest time between two calls of this thread, in milliseconds
 * @property {number} heard when the first sample that is not silence came since play, in
 *   milliseconds since 1970; 0 before it
 *
 * @typedef {{type: "play" | "hold"} | {type: "port", port: MessagePort}} FromPage
 * @typedef {{type: "begin" | "cut", frame: number, rate: number}
 *   | {type: "sound", first: number, samples: Int16Array}} FromLink
 *
 * @typedef {object} Scope what the audio thread has beside the language
 * @property {number} sampleRate
 * @property {number} currentTime
 * @property {new () => {port: MessagePort}} AudioWorkletProcessor
 * @property {(name: string, kind: Function) => void} registerProcessor
 */
import { Ring } from "./ring.js";

const scope = /** @type {Scope} */ (/** @type {unknown} */ (globalThis));
const ENOUGH = 0.2; // seconds to have before sound starts or goes on
const REPORT = 2048; // frames between two reports to the page
const TELL = 0.25; // seconds between two reports to the server
const AUDIBLE = 1e-3; // of full scale

class Speaker extends scope.AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Ring();
    this.rate = 44100;
    this.playing = false;
    this.primed = false; // enough is there to start
    this.gap = 0; // output frames of the gap that lasts
    this.gaps = 0;
    this.longest = 0;
    this.late = 0;
    this.called = 0;
    this.heard = 0;
    this.since = 0; // frames since the last report
    this.told = -1;
    /** @type {MessagePort | null} */
    this.link = null;
    this.port.onmessage = ({ data }) => this.fromPage(data);
  }

  /** @param {FromPage} message */
  fromPage(message) {
    if (message.type === "port") {
      this.link = message.port;
      this.link.onmessage = ({ data }) => this.fromLink(data);
      return;
    }
    this.playing = message.type === "play";
    this.called = 0;
    this.heard = 0;
    this.primed &&= this.playing;
  }

  /** @param {FromLink} message */
  fromLink(message) {
    if (message.type === "sound") this.ring.put(message.first, message.samples);
    else if (message.type === "cut") this.ring.cut(message.frame);
    else {
      this.rate = message.rate;
      this.ring.begin(message.frame);
      this.primed = false;
      this.gap = 0;
      this.told = -1; // the wait for a new stream is not a gap
    }
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const [left, right] = outputs[0];
    this.watch();
    if (this.playing && !this.primed && this.ring.ahead >= ENOUGH * this.rate) this.start();
    const open = this.playing && this.primed;
    const step = this.rate / scope.sampleRate;
    const missing = this.ring.take(left, right ?? left, step, open);
    if (open && missing) this.primed = false;
    if (this.playing && !this.primed && this.told >= 0) this.gap += missing;
    if (open && !this.heard && left.some((sample) => Math.abs(sample) > AUDIBLE)) {
      this.heard = Date.now();
    }
    this.tell(left.length);
    return true;
  }

  start() {
    if (this.gap) {
      this.gaps += 1;
      this.longest = Math.max(this.longest, this.gap / scope.sampleRate);
    }
    this.gap = 0;
    this.primed = true;
  }

  /** Note how late this thread was called. */
  watch() {
    const now = Date.now();
    if (this.called) this.late = Math.max(this.late, now - this.called);
    this.called = now;
  }

  /** @param {number} frames */
  tell(frames) {
    const at = this.ring.read / this.rate;
    if (this.playing && this.primed && Math.abs(at - this.told) >= TELL) {
      this.told = at;
      this.link?.postMessage({ type: "played", at });
    }
    this.since += frames;
    if (this.since < REPORT) return;
    this.since = 0;
    const { gaps, late, heard } = this;
    const longest = Math.max(this.longest, this.gap / scope.sampleRate);
    const ahead = this.ring.ahead / this.rate;
    const flowing = this.playing && this.primed;
    const time = scope.currentTime;
    this.port.postMessage({ at, time, ahead, flowing, gaps, longest, late, heard });
  }
}

scope.registerProcessor("speaker", Speaker);

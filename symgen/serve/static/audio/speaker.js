/**
 * Plays the ring buffer, and says where it is. It runs on the audio thread (`worklet.js`), or on the
 * page where there is none (`plain.js`).
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
 * @property {number} where seconds of the stream at which that gap was
 * @property {number} late the longest time between two calls, in milliseconds
 * @property {number} heard when the first sample that is not silence came since play, in
 *   milliseconds since 1970; 0 before it
 *
 * @typedef {{type: "play" | "hold"} | {type: "port", port: MessagePort}} FromPage
 * @typedef {{type: "begin" | "cut", frame: number, rate: number}
 *   | {type: "sound", first: number, samples: Int16Array}} FromLink
 */
import { Ring } from "./ring.js";

const ENOUGH = 0.2; // seconds to have before sound starts or goes on
const REPORT = 2048; // frames between two reports to the page
const TELL = 0.25; // seconds between two reports to the server
const AUDIBLE = 1e-3; // of full scale

export class Speaker {
  /**
   * @param {number} sampleRate of the sound card
   * @param {(report: Report) => void} say
   */
  constructor(sampleRate, say) {
    this.sampleRate = sampleRate;
    this.say = say;
    this.ring = new Ring();
    this.rate = 44100; // of the stream
    this.playing = false;
    this.primed = false; // enough is there to start
    this.gap = 0; // output frames of the gap that lasts
    this.gaps = 0;
    this.longest = 0;
    this.where = 0;
    this.late = 0;
    this.called = 0;
    this.heard = 0;
    this.since = 0; // frames since the last report
    this.told = -1;
    /** @type {MessagePort | null} */
    this.link = null;
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
   * Fill the next frames of the sound card.
   *
   * @param {Float32Array} left
   * @param {Float32Array} right
   * @param {number} time of the AudioContext
   */
  fill(left, right, time) {
    this.watch();
    if (this.playing && !this.primed && this.ring.ahead >= ENOUGH * this.rate) this.start();
    const open = this.playing && this.primed;
    const missing = this.ring.take(left, right, this.rate / this.sampleRate, open);
    if (open && missing) this.primed = false;
    if (this.playing && !this.primed && this.told >= 0) this.gap += missing;
    if (open && !this.heard && left.some((sample) => Math.abs(sample) > AUDIBLE)) {
      this.heard = Date.now();
    }
    this.tell(left.length, time);
  }

  start() {
    if (this.gap) {
      this.gaps += 1;
      this.measure();
    }
    this.gap = 0;
    this.primed = true;
  }

  /** Note the longest gap, and where it was. */
  measure() {
    const seconds = this.gap / this.sampleRate;
    if (seconds <= this.longest) return;
    this.longest = seconds;
    this.where = this.ring.read / this.rate;
  }

  /** Note how late this was called. */
  watch() {
    const now = Date.now();
    if (this.called) this.late = Math.max(this.late, now - this.called);
    this.called = now;
  }

  /** @param {number} frames @param {number} time */
  tell(frames, time) {
    const at = this.ring.read / this.rate;
    const flowing = this.playing && this.primed;
    if (flowing && Math.abs(at - this.told) >= TELL) {
      this.told = at;
      this.link?.postMessage({ type: "played", at });
    }
    this.since += frames;
    if (this.since < REPORT) return;
    this.since = 0;
    this.measure();
    const { gaps, longest, where, late, heard } = this;
    const ahead = this.ring.ahead / this.rate;
    this.say({ at, time, ahead, flowing, gaps, longest, where, late, heard });
  }
}

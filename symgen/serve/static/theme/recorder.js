/**
 * Notes that a person plays, until a pause.
 *
 * @import {Played} from "./smf.js"
 */

const PAUSE = 2; // seconds of rest that end a theme
const FEWEST = 3; // notes

export class Recorder {
  /** @param {() => void} changed @param {() => void} finished after a pause */
  constructor(changed, finished) {
    this.changed = changed;
    this.finished = finished;
    /** @type {Played[]} */
    this.notes = [];
    /** @type {Map<number, Played>} */
    this.held = new Map();
    this.timer = 0;
  }

  get enough() {
    return this.notes.length >= FEWEST;
  }

  /** @param {number} pitch @param {number} velocity */
  on(pitch, velocity) {
    clearTimeout(this.timer);
    this.off(pitch);
    const start = performance.now() / 1000;
    const note = { start, end: start, pitch, velocity };
    this.held.set(pitch, note);
    this.notes.push(note);
    this.changed();
  }

  /** @param {number} pitch */
  off(pitch) {
    const note = this.held.get(pitch);
    if (!note) return;
    note.end = performance.now() / 1000;
    this.held.delete(pitch);
    if (!this.held.size) this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.enough) this.finished();
    }, 1000 * PAUSE);
  }

  /** Give the notes away, and begin again. */
  take() {
    clearTimeout(this.timer);
    for (const pitch of this.held.keys()) this.off(pitch);
    clearTimeout(this.timer);
    const { notes } = this;
    this.notes = [];
    this.changed();
    return notes;
  }
}

/**
 * The notes that are known, by time.
 *
 * @import {Note} from "../base/protocol.js"
 */

const KEPT = 40; // seconds behind the music that a picture may need
/** @type {[least: number, most: number]} */
const USUAL = [55, 72]; // pitches that are shown at least
const NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

export class Score {
  constructor() {
    /** @type {Map<string, Note>} */
    this.notes = new Map();
    this.pitches = USUAL; // the lowest and the highest
  }

  clear() {
    this.notes.clear();
  }

  /** A note that has the start, pitch and track of one that is there replaces it. @param {Note[]} notes */
  add(notes) {
    for (const note of notes) this.notes.set(`${note[0]} ${note[2]} ${note[4]}`, note);
    this.measure();
  }

  /** Drop what begins at a time or later. @param {number} at */
  cut(at) {
    this.keep((note) => note[0] < at);
  }

  /** Forget what is long over. @param {number} at */
  forget(at) {
    this.keep((note) => note[1] > at - KEPT);
  }

  /** @param {(note: Note) => boolean} fits */
  keep(fits) {
    for (const [name, note] of this.notes) if (!fits(note)) this.notes.delete(name);
  }

  /** @param {number} at @returns {string[]} names of what sounds, from low to high */
  sounding(at) {
    const pitches = [...this.notes.values()]
      .filter((note) => note[0] <= at && at < note[1])
      .map((note) => note[2]);
    return [...new Set(pitches)].toSorted((a, b) => a - b).map(pitchName);
  }

  /** Note the pitches that are there. */
  measure() {
    let [least, most] = USUAL;
    for (const note of this.notes.values()) {
      least = Math.min(least, note[2]);
      most = Math.max(most, note[2]);
    }
    this.pitches = /** @type {typeof USUAL} */ ([least, most]);
  }
}

/** @param {number} pitch MIDI @returns {string} such as C4 for 60 */
export function pitchName(pitch) {
  return NAMES[pitch % 12] + (Math.floor(pitch / 12) - 1);
}

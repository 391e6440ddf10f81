/**
 * A played theme as a standard MIDI file.
 *
 * @typedef {{start: number, end: number, pitch: number, velocity: number}} Played in seconds
 */

const TICKS = 480; // a quarter; at 120 quarters a minute one tick is 1/960 s
const PER_SECOND = 2 * TICKS;

/** @param {Played[]} notes @returns {Uint8Array<ArrayBuffer>} a file of one track */
export function midiFile(notes) {
  const begin = Math.min(...notes.map(({ start }) => start));
  const events = notes.flatMap(({ start, end, pitch, velocity }) => [
    { at: tick(start - begin), bytes: [0x90, pitch, velocity] },
    { at: tick(Math.max(end, start + 0.03) - begin), bytes: [0x80, pitch, 0] },
  ]);
  events.sort((a, b) => a.at - b.at || a.bytes[0] - b.bytes[0]); // ends before beginnings
  let last = 0;
  const track = [];
  for (const { at, bytes } of events) {
    track.push(...length(at - last), ...bytes);
    last = at;
  }
  track.push(0, 0xff, 0x2f, 0);
  const head = [...text("MThd"), 0, 0, 0, 6, 0, 0, 0, 1, TICKS >> 8, TICKS & 255];
  return new Uint8Array([...head, ...text("MTrk"), ...word(track.length), ...track]);
}

/** @param {number} seconds */
const tick = (seconds) => Math.round(seconds * PER_SECOND);

/** @param {string} letters */
const text = (letters) => [...letters].map((letter) => letter.charCodeAt(0));

/** @param {number} number 32 bits, the highest first */
const word = (number) => [24, 16, 8, 0].map((shift) => (number >> shift) & 255);

/** @param {number} number in groups of 7 bits, the highest first @returns {number[]} */
function length(number) {
  const bytes = [number & 127];
  for (let rest = number >> 7; rest; rest >>= 7) bytes.unshift((rest & 127) | 128);
  return bytes;
}

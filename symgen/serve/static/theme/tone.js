/** A plain tone for the keys on the screen, so that one hears what one plays. */

/** @type {AudioContext | undefined} */
let context;

/** @param {number} pitch MIDI @param {number} velocity 1 to 127 */
export function tone(pitch, velocity) {
  context ??= new AudioContext();
  context.resume();
  const now = context.currentTime;
  const frequency = 440 * 2 ** ((pitch - 69) / 12);
  const voice = new OscillatorNode(context, { type: "triangle", frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.linearRampToValueAtTime(0.25 * (velocity / 127) ** 2, now + 0.005);
  gain.gain.setTargetAtTime(0, now + 0.01, 0.35);
  voice.connect(gain).connect(context.destination);
  voice.start(now);
  voice.stop(now + 2);
}

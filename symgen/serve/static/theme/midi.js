/** Keyboards over WebMIDI, where the browser has it. */

export const there = "requestMIDIAccess" in navigator;

/**
 * Listen to all MIDI inputs, also those that are plugged in later.
 *
 * @param {(pitch: number, velocity: number) => void} on
 * @param {(pitch: number) => void} off
 * @returns {Promise<string[]>} the names of the inputs
 */
export async function listen(on, off) {
  const access = await navigator.requestMIDIAccess();
  const hear = (/** @type {MIDIMessageEvent} */ { data }) => {
    if (!data) return;
    const [status, pitch, velocity] = data;
    const kind = status & 0xf0;
    if (kind === 0x90 && velocity) on(pitch, velocity);
    else if (kind === 0x80 || kind === 0x90) off(pitch);
  };
  const connect = () => {
    for (const input of access.inputs.values()) input.onmidimessage = hear;
  };
  access.onstatechange = connect;
  connect();
  return [...access.inputs.values()].map(({ name }) => name ?? "a keyboard");
}

/**
 * A node of the sound graph with a speaker in it, on the audio thread where there is one.
 *
 * Browsers have audio threads only for pages of this computer and of https. A phone in the house that
 * opens the page by the address of this computer has none: there the speaker runs on the page.
 *
 * @import {FromPage, Report} from "./speaker.js"
 *
 * @typedef {object} Output
 * @property {AudioNode} node
 * @property {(message: FromPage, ports?: MessagePort[]) => void} tell
 */
import { Speaker } from "./speaker.js";

const BLOCK = 4096; // frames at a time on the page: long, because the page may be busy
const RATE = 44100;

/** Return a context at the stream's rate, or at the sound card's own where that is refused. */
export function newContext() {
  try {
    return new AudioContext({ sampleRate: RATE, latencyHint: "playback" });
  } catch {
    return new AudioContext({ latencyHint: "playback" });
  }
}

/**
 * @param {AudioContext} context
 * @param {(report: Report) => void} hear
 * @returns {Promise<Output>}
 */
export async function output(context, hear) {
  if (!context.audioWorklet) return onThePage(context, hear);
  await context.audioWorklet.addModule("/static/audio/worklet.js");
  const node = new AudioWorkletNode(context, "speaker", { outputChannelCount: [2] });
  node.port.onmessage = ({ data }) => hear(data);
  return { node, tell: (message, ports = []) => node.port.postMessage(message, ports) };
}

/** @param {AudioContext} context @param {(report: Report) => void} hear @returns {Output} */
function onThePage(context, hear) {
  const speaker = new Speaker(context.sampleRate, hear);
  const node = context.createScriptProcessor(BLOCK, 0, 2);
  node.onaudioprocess = ({ outputBuffer, playbackTime }) => {
    const [left, right] = [outputBuffer.getChannelData(0), outputBuffer.getChannelData(1)];
    speaker.fill(left, right, playbackTime);
  };
  return { node, tell: (message) => speaker.fromPage(message) };
}

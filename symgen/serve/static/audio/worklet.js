/**
 * The speaker on the audio thread.
 *
 * @typedef {object} Scope what the audio thread has beside the language
 * @property {number} sampleRate
 * @property {number} currentTime
 * @property {new () => {port: MessagePort}} AudioWorkletProcessor
 * @property {(name: string, kind: Function) => void} registerProcessor
 */
import { Speaker } from "./speaker.js";

const scope = /** @type {Scope} */ (/** @type {unknown} */ (globalThis));

class Processor extends scope.AudioWorkletProcessor {
  constructor() {
    super();
    this.speaker = new Speaker(scope.sampleRate, (report) => this.port.postMessage(report));
    this.port.onmessage = ({ data }) => this.speaker.fromPage(data);
  }

  /**
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, [[left, right]]) {
    this.speaker.fill(left, right ?? left, scope.currentTime);
    return true;
  }
}

scope.registerProcessor("speaker", Processor);

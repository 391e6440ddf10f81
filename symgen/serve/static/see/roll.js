/**
 * The piano roll: time from left to right, low notes below, loudness as colour.
 *
 * What is to the right of the line has been decided and will sound next. Where the person asked for
 * less motion, the picture turns pages and only the line moves.
 *
 * @import {Note} from "../base/protocol.js"
 * @import {Score} from "./score.js"
 */
import { ramp, resolved } from "./colours.js";
import { pitchName } from "./score.js";

const NOW = 0.72; // the part of the width that is past
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Roll {
  /** @param {HTMLCanvasElement} canvas @param {Score} score */
  constructor(canvas, score) {
    this.canvas = canvas;
    this.score = score;
    this.paper = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.low = 48;
    this.high = 79;
    this.at = 0;
    this.width = this.height = this.from = this.tall = 0;
    this.span = 1; // seconds from the left side to the right
    this.colours = [""];
    this.line = this.ink = this.faint = this.font = "";
    this.recolour();
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  /** Read the colours of the page again. */
  recolour() {
    [this.line, this.ink, this.faint] = resolved(["--accent", "--ink", "--faint"]);
    this.colours = ramp(resolved(["--soft", "--middle", "--loud"]));
    this.font = `11px ${getComputedStyle(this.canvas).fontFamily}`;
    this.draw(this.at);
  }

  fit() {
    const scale = Math.min(2, devicePixelRatio || 1);
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.span = Math.min(16, Math.max(7, this.width / 70));
    this.canvas.width = Math.round(this.width * scale);
    this.canvas.height = Math.round(this.height * scale);
    this.paper.setTransform(scale, 0, 0, scale, 0, 0);
    this.draw(this.at);
  }

  /** The time at the left side for what is heard now. @param {number} at */
  begin(at) {
    const page = NOW * this.span;
    return STILL.matches ? Math.floor(at / page) * page : at - page;
  }

  /** @param {number} at seconds on the stream's clock */
  draw(at) {
    this.at = at;
    this.from = this.begin(at);
    this.stretch();
    this.paper.clearRect(0, 0, this.width, this.height);
    this.octaves();
    if (!this.score.notes.size) return;
    for (const note of this.score.notes.values()) this.note(note);
    this.paper.globalAlpha = 1;
    this.paper.fillStyle = this.line;
    this.paper.fillRect(this.x(at) - 0.5, 0, 1, this.height);
  }

  /** Let all pitches in, slowly. */
  stretch() {
    const [least, most] = this.score.pitches;
    const pace = STILL.matches ? 1 : 0.06;
    this.low += (least - 3 - this.low) * pace;
    this.high += (most + 3 - this.high) * pace;
    this.tall = Math.max(3, Math.min(12, this.height / (this.high - this.low) - 0.5));
  }

  /** @param {number} seconds */
  x(seconds) {
    return ((seconds - this.from) / this.span) * this.width;
  }

  /** @param {number} pitch */
  y(pitch) {
    return this.height * (1 - (pitch - this.low) / (this.high - this.low));
  }

  octaves() {
    this.paper.font = this.font;
    for (let pitch = 12 * Math.ceil(this.low / 12); pitch < this.high; pitch += 12) {
      const y = Math.round(this.y(pitch));
      this.paper.globalAlpha = 1;
      this.paper.fillStyle = this.faint;
      this.paper.fillRect(0, y, this.width, 1);
      this.paper.globalAlpha = 0.6;
      this.paper.fillStyle = this.ink;
      this.paper.fillText(pitchName(pitch), 8, y - 4);
    }
  }

  /** @param {Note} note */
  note([start, end, pitch, velocity]) {
    if (end < this.from || start > this.from + this.span) return;
    const { paper, tall } = this;
    const left = this.x(start);
    const wide = Math.max(3, this.x(end) - left - 1);
    paper.globalAlpha = start > this.at ? 0.35 : 1;
    paper.fillStyle = this.colours[velocity];
    paper.beginPath();
    paper.roundRect(left, this.y(pitch) - tall / 2, wide, tall, tall / 2.5);
    paper.fill();
    if (start > this.at || this.at >= end) return;
    paper.strokeStyle = this.ink; // it sounds
    paper.lineWidth = 1.25;
    paper.stroke();
  }
}

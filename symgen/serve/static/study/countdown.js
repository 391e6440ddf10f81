/** A clock that runs down, with a fade before its end. */

const TICK = 250; // milliseconds

export class Countdown {
  /**
   * @param {number} total seconds
   * @param {number} fade seconds before the end at which the fade begins
   * @param {{tick: (left: number) => void, fade: (seconds: number) => void, end: () => void}} acts
   * @param {() => boolean} runs whether the clock runs now; once it fades it always does
   */
  constructor(total, fade, acts, runs = () => true) {
    this.left = total;
    this.fade = Math.min(fade, total / 2);
    this.acts = acts;
    this.runs = runs;
    this.faded = false;
    this.last = Date.now();
    this.timer = setInterval(() => this.tick(), TICK);
    acts.tick(total);
  }

  tick() {
    const now = Date.now();
    if (this.faded || this.runs()) this.left -= (now - this.last) / 1000;
    this.last = now;
    this.acts.tick(Math.max(0, this.left));
    if (!this.faded && this.left <= this.fade) {
      this.faded = true;
      this.acts.fade(Math.max(0.1, this.left));
    }
    if (this.left > 0) return;
    this.stop();
    this.acts.end();
  }

  stop() {
    clearInterval(this.timer);
  }
}

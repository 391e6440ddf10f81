/**
 * A ring buffer of stereo sound, addressed by frames on the stream's clock.
 *
 * `read` is the frame that sounds next, `write` the first one that is not known yet. It is filled
 * and emptied on the audio thread, so nothing here allocates while it plays.
 */

export const FADE = 441; // frames: 10 ms at 44100 Hz
const RAMP = 128; // frames in which silence comes and goes
const SCALE = 1 / 32768; // of 16-bit samples

export class Ring {
  /**
   * @param {number} size frames that fit, a power of two
   * @param {number} lead frames to have of what comes after a cut before it is heard
   */
  constructor(size = 2 ** 19, lead = 17640) {
    this.size = size;
    this.lead = lead;
    /** @type {[first: number, samples: Int16Array][]} blocks after a cut that wait for more */
    this.coming = [];
    this.left = new Float32Array(size);
    this.right = new Float32Array(size);
    this.oldLeft = new Float32Array(FADE); // what a cut dropped, to fade out
    this.oldRight = new Float32Array(FADE);
    this.lastLeft = 0; // what sounded last, to fade out where nothing follows
    this.lastRight = 0;
    this.read = 0;
    this.write = 0;
    this.wanted = Infinity; // the frame of a cut whose sound has not come
    this.cutAt = -FADE; // that of the last one
    this.gain = 0;
  }

  /** Frames that are known and have not sounded. */
  get ahead() {
    return this.write - this.read;
  }

  /** Forget all sound; the clock begins at the frame. @param {number} frame */
  begin(frame) {
    this.read = frame;
    this.write = frame;
    this.wanted = Infinity;
    this.coming = [];
    this.cutAt = frame - FADE;
  }

  /**
   * Add sound. Frames that are known already or have passed are left out.
   *
   * @param {number} first frame of the block
   * @param {Int16Array} samples left and right in turn
   * @returns {number} frames that did not fit
   */
  put(first, samples) {
    const end = first + (samples.length >> 1);
    if (this.wanted < Infinity) {
      if (end <= this.read + 1) return 0; // it has passed; what follows will be in time
      this.coming.push([first, samples]);
      if (end >= this.read + this.lead) this.change();
      return 0;
    }
    const from = Math.max(this.write, Math.floor(this.read), first);
    const until = Math.min(end, Math.floor(this.read) + this.size - 1);
    this.silence(this.write, from);
    for (let frame = from; frame < until; frame++) {
      const old = frame - this.cutAt;
      const fresh = old < FADE ? (old + 1) / (FADE + 1) : 1;
      const place = frame & (this.size - 1);
      const sample = 2 * (frame - first);
      this.left[place] = samples[sample] * SCALE * fresh;
      this.right[place] = samples[sample + 1] * SCALE * fresh;
      if (old < FADE) {
        this.left[place] += this.oldLeft[old] * (1 - fresh);
        this.right[place] += this.oldRight[old] * (1 - fresh);
      }
    }
    this.write = Math.max(this.write, until);
    return Math.max(0, end - Math.max(until, from));
  }

  /** @param {number} from @param {number} until */
  silence(from, until) {
    for (let frame = from; frame < until; frame++) {
      this.left[frame & (this.size - 1)] = 0;
      this.right[frame & (this.size - 1)] = 0;
    }
  }

  /**
   * From a frame on, the sound that comes next is to be heard instead of what is known.
   *
   * Until enough of it has come the old sound goes on: a late answer is no gap.
   *
   * @param {number} frame
   */
  cut(frame) {
    this.change();
    this.wanted = Math.round(frame);
  }

  /** Go over to what has come after a cut, if anything has. */
  change() {
    const blocks = this.coming;
    if (!blocks.length) return;
    this.coming = [];
    this.turn(Math.max(this.wanted, Math.floor(this.read) + 1, blocks[0][0]));
    this.wanted = Infinity;
    for (const [first, samples] of blocks) this.put(first, samples);
  }

  /** Fade into what comes instead over 10 ms. @param {number} at frame */
  turn(at) {
    for (let old = 0; old < FADE; old++) {
      const known = at + old < this.write;
      const place = (at + old) & (this.size - 1);
      this.oldLeft[old] = known ? this.left[place] : 0;
      this.oldRight[old] = known ? this.right[place] : 0;
    }
    this.cutAt = at;
    this.write = Math.min(this.write, at);
  }

  /**
   * Fill one output frame by frame, each `step` frames of the stream long.
   *
   * @param {Float32Array} left
   * @param {Float32Array} right
   * @param {number} step 1 where the sound card has the stream's rate
   * @param {boolean} open false fades to silence, and the clock stands
   * @returns {number} output frames that had no sound
   */
  take(left, right, step, open) {
    if (this.ahead <= 2 * left.length * step) this.change(); // the old sound is nearly over
    let missing = 0;
    for (let i = 0; i < left.length; i++) {
      const known = open && this.read + step < this.write;
      this.gain = Math.max(0, Math.min(1, this.gain + (known ? 1 : -1) / RAMP));
      if (known) this.next(step);
      else missing++;
      left[i] = this.lastLeft * this.gain;
      right[i] = this.lastRight * this.gain;
    }
    return missing;
  }

  /** Go on by `step` frames, between the two nearest samples. @param {number} step */
  next(step) {
    const whole = Math.floor(this.read);
    const part = this.read - whole;
    const a = whole & (this.size - 1);
    const b = (whole + 1) & (this.size - 1);
    this.lastLeft = this.left[a] + part * (this.left[b] - this.left[a]);
    this.lastRight = this.right[a] + part * (this.right[b] - this.right[a]);
    this.read += step;
  }
}

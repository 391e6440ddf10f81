/**
 * A stretch of work with a soft end, and a sleep timer.
 *
 * `?study=0.1` and `?sleep=0.1` in the address make them that many minutes long.
 *
 * @import {Music} from "../music.js"
 */
import { clock, find, make } from "../base/dom.js";
import { Countdown } from "./countdown.js";
import { stayAwake } from "./wake.js";

const FADE = { study: 20, sleep: 60 }; // seconds
const ADDRESS = new URLSearchParams(location.search);

/** @param {string} name @param {number} usual @returns {number} minutes, by the address */
function minutes(name, usual) {
  const wish = Number(ADDRESS.get(name));
  return wish > 0 && wish <= 600 ? wish : usual;
}

/** @param {Music} music */
export function studying(music) {
  const length = 60 * minutes("study", 25);
  const left = find("study-left", HTMLOutputElement);
  const done = find("study-done", HTMLProgressElement);
  const note = find("study-note", HTMLElement);
  const button = find("study-start", HTMLButtonElement);
  const usual = `Start ${Number((length / 60).toFixed(1))} minutes`;
  /** @type {Countdown | null} */
  let running = null;

  const show = (/** @type {number} */ seconds) => {
    left.textContent = clock(seconds);
    done.value = 1 - seconds / length;
  };
  const end = (/** @type {string} */ said) => {
    running?.stop();
    running = null;
    stayAwake(false);
    note.textContent = said;
    button.textContent = usual;
    show(length);
  };
  const begin = async () => {
    button.textContent = "Stop";
    note.textContent = "A pause stops the clock too.";
    stayAwake(true);
    const acts = {
      tick: show,
      fade: (/** @type {number} */ seconds) => music.player.pause(seconds),
      end: () => end("Time for a break. Well done."),
    };
    running = new Countdown(length, FADE.study, acts, () => music.player.wanted);
    if (!music.player.wanted) await music.toggle();
  };
  button.addEventListener("click", () => {
    if (!running) begin();
    else {
      music.player.unfade();
      end("Stopped. The music goes on.");
    }
  });
  button.textContent = usual;
  show(length);
  sleeping(music);
}

/** @param {Music} music */
function sleeping(music) {
  const select = find("sleep", HTMLSelectElement);
  const left = find("sleep-left", HTMLOutputElement);
  const wishes = [...new Set([minutes("sleep", 15), 15, 30, 60])];
  select.append(
    make("option", { value: "", textContent: "off" }),
    ...wishes.map((wish) =>
      make("option", { value: String(wish), textContent: `${wish} minutes` }),
    ),
  );
  /** @type {Countdown | null} */
  let running = null;
  select.addEventListener("change", () => {
    if (running?.faded) music.player.unfade();
    running?.stop();
    running = null;
    left.textContent = "";
    if (!select.value) return;
    const acts = {
      tick: (/** @type {number} */ seconds) => {
        left.textContent = `${clock(seconds)} left`;
      },
      fade: (/** @type {number} */ seconds) => music.player.pause(seconds),
      end: () => {
        running = null;
        select.value = "";
        left.textContent = "";
      },
    };
    running = new Countdown(60 * Number(select.value), FADE.sleep, acts);
  });
}

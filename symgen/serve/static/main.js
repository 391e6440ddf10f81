/** The page: makes its parts, and connects them. */
import { models } from "./base/api.js";
import { Player } from "./audio/player.js";
import { clock, find, settled } from "./base/dom.js";
import { keeping } from "./keep/keep.js";
import { linked } from "./keep/share.js";
import { Music } from "./music.js";
import { Readout, write } from "./see/readout.js";
import { Roll } from "./see/roll.js";
import { Score } from "./see/score.js";
import { tabs } from "./sections.js";
import { scheme, shortcuts } from "./shell.js";
import { Form } from "./steer/form.js";
import { presets } from "./steer/presets.js";
import { studying } from "./study/study.js";
import { themes } from "./theme/theme.js";

const FRAME = 1000 / 31; // milliseconds from a picture to the next: every second one of the screen
const VOLUME = "symgen.volume";
const SETTLE = 100; // milliseconds after the last move of a control
const WORDS = {
  idle: "Ready",
  starting: "Starting …",
  playing: "Playing",
  paused: "Paused",
  waiting: "",
  lost: "",
  over: "",
};

const status = find("status", HTMLElement);
const player = new Player();
const score = new Score();
const roll = new Roll(find("roll", HTMLCanvasElement), score);

/** Show the notes where the music is, at every frame while it plays. */
function picture() {
  const readout = new Readout();
  const sounding = find("sounding", HTMLElement);
  let waiting = 0;
  let drawn = 0;
  const draw = (/** @type {number} */ now) => {
    waiting = 0;
    if (player.wanted) next();
    if (player.wanted && now - drawn < FRAME) return;
    drawn = now;
    roll.draw(player.position);
  };
  const next = () => {
    waiting ||= requestAnimationFrame(draw);
  };
  const words = () => {
    score.forget(player.position);
    if (document.hidden) return;
    write(sounding, score.sounding(player.position).join(" ") || "nothing");
  };
  player.on("hello", () => score.clear());
  player.on("notes", ({ notes }) => score.add(notes));
  player.on("cut", ({ at }) => score.cut(at));
  player.on("state", (state) => readout.show(state));
  player.addEventListener("change", next);
  setInterval(words, 250);
  return readout;
}

/** @param {Music} music */
function transport(music) {
  const button = find("play", HTMLButtonElement);
  const word = find("play-word", HTMLElement);
  const detail = find("detail", HTMLElement);
  const invite = find("invite", HTMLElement);
  button.addEventListener("click", () => music.toggle());
  player.addEventListener("change", () => {
    button.setAttribute("aria-pressed", String(player.wanted));
    word.textContent = player.wanted ? "Pause" : "Play";
    write(status, WORDS[player.phase] || player.said);
    invite.hidden ||= player.phase === "playing";
  });
  setInterval(() => {
    const { hello, model } = music;
    const place = hello && `${model?.title ?? hello.model} · ${clock(player.position)}`;
    write(detail, place ? `${place} · seed ${hello.seed}` : "");
  }, 500);
}

function volume() {
  const slider = find("volume", HTMLInputElement);
  const mute = find("mute", HTMLButtonElement);
  const turn = () => {
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
    localStorage.setItem(VOLUME, slider.value);
    player.turn(Number(slider.value) / 100, mute.getAttribute("aria-pressed") === "true");
  };
  slider.value = localStorage.getItem(VOLUME) ?? slider.value;
  slider.addEventListener("input", turn);
  mute.addEventListener("click", () => {
    const muted = mute.getAttribute("aria-pressed") !== "true";
    mute.setAttribute("aria-pressed", String(muted));
    mute.textContent = muted ? "Muted" : "Mute";
    turn();
  });
  turn();
  const step = (/** @type {number} */ by) => {
    slider.value = String(Number(slider.value) + by);
    turn();
  };
  return { mute: () => mute.click(), step };
}

/** @param {Readout} readout @param {import("./base/protocol.js").Model[]} known */
function steering(readout, known) {
  const said = find("steer-said", HTMLElement);
  const send = settled(SETTLE, () => music.steer());
  const form = new Form(send);
  const music = new Music(player, form, known);
  const chips = find("presets", HTMLElement);
  const preset = (/** @type {import("./base/protocol.js").Values} */ values) => {
    form.set(values);
    send();
  };
  music.chosen = ({ controls }) => {
    readout.begin(controls);
    chips.replaceChildren(...presets(controls, preset));
  };
  player.on("state", ({ now }) => form.now(now));
  player.on("set", () => write(said, ""));
  player.on("refused", ({ message }) => write(said, message));
  return music;
}

/** @param {Music} music */
function follow(music) {
  const link = linked();
  if (link) music.follow(link);
  else music.choose("");
  addEventListener("hashchange", () => {
    const other = linked();
    if (!other) return;
    if (player.wanted) music.replay(other);
    else {
      music.leave();
      music.follow(other);
    }
  });
}

/** Of the section that is open. @param {Music} music */
function playOrPause(music) {
  const sound = document.querySelector("main > section:not([hidden]) audio");
  if (!find("play-section", HTMLElement).hidden) music.toggle();
  else if (sound instanceof HTMLAudioElement) {
    if (sound.paused) sound.play();
    else sound.pause();
  }
}

/** @param {string} id */
const click = (id) => () => find(id, HTMLButtonElement).click();

async function begin() {
  const readout = picture();
  const sound = volume();
  scheme(() => roll.recolour());
  const music = steering(readout, await models());
  follow(music);
  transport(music);
  themes(music);
  keeping(music);
  studying(music);
  tabs(music);
  shortcuts([
    [" ", "play or pause", () => playOrPause(music)],
    ["m", "mute", sound.mute],
    ["+", "louder", () => sound.step(5)],
    ["-", "softer", () => sound.step(-5)],
    ["s", "save what was heard last", click("save")],
    ["f", "add to favourites", click("favour")],
    ["l", "copy a link", click("share")],
    ["t", "start or stop the study time", click("study-start")],
    ["d", "light or dark", click("scheme")],
  ]);
  document.documentElement.dataset.ready = "yes";
}

begin().catch((error) => {
  status.textContent = `The page could not start: ${error.message}`;
});
// for tests and for the curious: where the sound is, and how well it comes
Object.assign(globalThis, { symgen: { player, score } });

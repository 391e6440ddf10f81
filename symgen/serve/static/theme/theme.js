/**
 * A theme of one's own: a file, or what one plays.
 *
 * @import {Music} from "../music.js"
 */
import { ask } from "../base/api.js";
import { find } from "../base/dom.js";
import { keys } from "./keys.js";
import { listen, there } from "./midi.js";
import { Recorder } from "./recorder.js";
import { midiFile } from "./smf.js";
import { tone } from "./tone.js";

const MOST = 8e6; // bytes; the server has its own limit

/** @param {Music} music */
export function themes(music) {
  const said = find("theme-said", HTMLElement);
  const say = (/** @type {string} */ text) => {
    said.textContent = text;
  };

  /** @param {Blob} file @param {string} name */
  const send = async (file, name) => {
    if (file.size > MOST)
      return say(`${name} has ${Math.round(file.size / 1e6)} MB; 8 are the most.`);
    say(`Reading ${name} …`);
    try {
      const id = await music.stream();
      await ask(`/api/streams/${id}/theme`, { name }, { method: "POST", body: file });
      say(`The music answers ${name}.`);
    } catch (error) {
      say(String(error instanceof Error ? error.message : error));
    }
  };

  files(send);
  record(send);
}

/** @param {(file: Blob, name: string) => void} send */
function files(send) {
  const input = find("theme-file", HTMLInputElement);
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) send(file, file.name);
    input.value = "";
  });
  const drop = find("drop", HTMLElement);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) send(file, file.name);
  });
}

/** @param {(file: Blob, name: string) => void} send */
function record(send) {
  const use = find("record-use", HTMLButtonElement);
  const clear = find("record-clear", HTMLButtonElement);
  const said = find("midi-said", HTMLElement);
  const finish = () => send(new Blob([midiFile(recorder.take())]), "your theme.mid");
  const changed = () => {
    use.disabled = !recorder.enough;
    clear.disabled = !recorder.notes.length;
  };
  const recorder = new Recorder(changed, finish);
  use.addEventListener("click", finish);
  clear.addEventListener("click", () => recorder.take());
  keys(
    (pitch, velocity) => {
      tone(pitch, velocity);
      recorder.on(pitch, velocity);
    },
    (pitch) => recorder.off(pitch),
  );
  const midi = find("midi", HTMLButtonElement);
  midi.hidden = !there;
  midi.addEventListener("click", async () => {
    try {
      const names = await listen(
        (pitch, velocity) => recorder.on(pitch, velocity),
        (pitch) => recorder.off(pitch),
      );
      const found = names.length ? `Listening to ${names.join(", ")}.` : "Plug in a MIDI keyboard.";
      said.textContent = `${found} A pause of two seconds makes it the theme.`;
    } catch {
      said.textContent = "The browser does not allow MIDI here. Use the keys below.";
    }
  });
}

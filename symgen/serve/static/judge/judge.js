/**
 * A blind test: a person or the model? The server knows, and counts the first answer to each clip.
 *
 * @import {Music} from "../music.js"
 * @typedef {{right: boolean, generated: boolean, origin: string, answers: number, correct: number,
 *   share: number, low: number, high: number}} Told
 */
import { address, ask } from "../base/api.js";
import { make } from "../base/dom.js";

const NONE =
  "There is no music by people here to compare with. Start the server with it: " +
  "symgen serve --real my-music";

/** @param {HTMLElement} root @param {Music} music */
export async function mount(root, music) {
  const said = make("p", { className: "note", role: "status" });
  const place = make("div", { className: "trial" });
  root.className = "room";
  root.append(
    make("h1", { textContent: "A person or the model?" }),
    make("p", { textContent: "Clips of equal length and sound. Half of them are by people." }),
  );
  const about = await (await ask("/api/judge")).json();
  if (!about.models.length) {
    root.append(make("p", { textContent: NONE }));
    return;
  }
  const names = about.models.map((/** @type {string} */ name) =>
    make("option", { value: name, textContent: name }),
  );
  const model = make("select", {}, ...names);
  const begin = make("button", { type: "button", className: "first", textContent: "Begin" });
  begin.addEventListener("click", async () => {
    begin.disabled = true;
    said.textContent = "The model plays its clips …";
    try {
      const response = await ask("/api/judge", { model: model.value }, { method: "POST" });
      said.textContent = "";
      await run(place, await response.json(), music);
    } catch (error) {
      said.textContent = String(error instanceof Error ? error.message : error);
    }
    begin.disabled = false;
    begin.textContent = "Once more";
  });
  const row = make("div", { className: "row" });
  row.append(make("label", { className: "field" }, "Model ", model), begin);
  root.append(row, said, place);
}

/**
 * Play the clips from the k-th on, and then say the share.
 *
 * @param {HTMLElement} place
 * @param {{id: string, clips: number}} test
 * @param {Music} music
 * @param {Told[]} answers
 * @returns {Promise<void>}
 */
async function run(place, test, music, answers = []) {
  const k = answers.length;
  if (k === test.clips) {
    place.replaceChildren(...result(answers[k - 1]), make("ol", {}, ...answers.map(line)));
    return;
  }
  const title = `Clip ${k + 1} of ${test.clips}`;
  answers.push(await one(place, `/api/judge/${test.id}/${k}`, title, music));
  await run(place, test, music, answers);
}

/** @param {Told} told */
function line(told) {
  const by = told.generated ? "the model" : "a person";
  return make("li", {
    className: "told",
    textContent: `${by} (${told.right ? "right" : "wrong"}): ${told.origin}`,
  });
}

/**
 * Play one clip and wait for the answer.
 *
 * @param {HTMLElement} place
 * @param {string} path
 * @param {string} title
 * @param {Music} music
 * @returns {Promise<Told>}
 */
function one(place, path, title, music) {
  const sound = make("audio", { controls: true, autoplay: true, src: address(path) });
  sound.setAttribute("aria-label", title);
  sound.addEventListener("play", () => music.hush());
  const buttons = ["A person", "The model"].map((textContent) =>
    make("button", { type: "button", className: "choice", textContent }),
  );
  const said = make("p", { className: "note", role: "status" });
  place.replaceChildren(
    make("p", { role: "status", textContent: title }),
    sound,
    make("div", { className: "row" }, ...buttons),
    said,
  );
  return new Promise((done) => {
    buttons.forEach((button, generated) => {
      button.addEventListener("click", async () => {
        sound.pause();
        const body = JSON.stringify({ generated: Boolean(generated) });
        try {
          done(await (await ask(path, {}, { method: "POST", body })).json());
        } catch (error) {
          said.textContent = String(error instanceof Error ? error.message : error);
        }
      });
    });
  });
}

/** @param {Told} told @returns {HTMLElement[]} */
function result(told) {
  const [share, low, high] = [told.share, told.low, told.high].map((part) =>
    Math.round(100 * part),
  );
  return [
    make("h2", { textContent: `${told.correct} of ${told.answers} right: ${share} %` }),
    make("p", {
      role: "status",
      textContent:
        `With 95 % confidence you are right in ${low} to ${high} % of such clips. ` +
        meaning(low, high),
    }),
  ];
}

/** @param {number} low in per cent @param {number} high */
function meaning(low, high) {
  if (low > 50) return "You can tell the model from people.";
  if (high < 50) return "You take the model for people, and people for the model.";
  return "That cannot be told from guessing, which is right in 50 %.";
}

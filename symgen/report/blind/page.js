// The blind test: plays the clips in turn, counts the answers, and gives the share with a 95 %
// interval after Wilson (1927), as symgen.evaluation.blind.share does.

/** @typedef {{sound: string, generated: boolean, origin: string}} Clip */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {{title: string, normal: number, clips: Clip[]}} */
const test = JSON.parse(new TextDecoder().decode(bytes(at("data").textContent ?? "")));
const player = /** @type {HTMLAudioElement} */ (at("player"));
/** @type {boolean[]} */
let answers = [];

/**
 * @param {string} text base64
 * @returns {Uint8Array}
 */
function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/**
 * @param {number} right
 * @param {number} total
 * @returns {[number, number, number]} the share, and the ends of its interval
 */
function share(right, total) {
  const square = test.normal ** 2;
  const found = right / total;
  const middle = (found + square / (2 * total)) / (1 + square / total);
  const spread = (found * (1 - found)) / total + square / (4 * total ** 2);
  const half = (test.normal * Math.sqrt(spread)) / (1 + square / total);
  return [found, Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

function show() {
  const done = answers.length === test.clips.length;
  at("test").hidden = done;
  at("result").hidden = !done;
  if (done) {
    finish();
    return;
  }
  at("place").textContent = `Clip ${answers.length + 1} of ${test.clips.length}`;
  player.src = `data:audio/mpeg;base64,${test.clips[answers.length].sound}`;
}

/** @param {boolean} generated */
function answer(generated) {
  if (answers.length === test.clips.length) {
    return;
  }
  player.pause();
  answers.push(generated);
  show();
  if (answers.length < test.clips.length) {
    player.play().catch(() => {}); // a browser may want a press first
  }
}

function finish() {
  const right = answers.filter((given, k) => given === test.clips[k].generated).length;
  const [found, low, high] = share(right, answers.length).map((part) => Math.round(100 * part));
  at("share").textContent = `${right} of ${answers.length} right: ${found} %`;
  at("meaning").textContent =
    `With 95 % confidence you are right in ${low} to ${high} % of such clips. ` +
    meaning(low, high);
  at("rows").replaceChildren(...test.clips.map(row));
  const told = { title: test.title, right, answers: answers.length, given: answers.map(named) };
  const link = /** @type {HTMLAnchorElement} */ (at("save"));
  link.href = `data:application/json,${encodeURIComponent(JSON.stringify(told, null, 1))}`;
  at("share").focus();
}

/**
 * @param {number} low in per cent
 * @param {number} high
 */
function meaning(low, high) {
  if (low > 50) {
    return "You can tell the model from people.";
  }
  if (high < 50) {
    return "You take the model for people, and people for the model.";
  }
  return "That cannot be told from guessing, which is right in 50 %.";
}

/** @param {boolean} generated */
function named(generated) {
  return generated ? "the model" : "a person";
}

/**
 * @param {Clip} clip
 * @param {number} k
 */
function row(clip, k) {
  const line = document.createElement("tr");
  line.className = clip.generated === answers[k] ? "right" : "wrong";
  for (const text of [`${k + 1}`, named(clip.generated), named(answers[k]), clip.origin]) {
    line.insertCell().textContent = text;
  }
  return line;
}

at("real").addEventListener("click", () => answer(false));
at("generated").addEventListener("click", () => answer(true));
at("again").addEventListener("click", () => {
  answers = [];
  show();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "p" || event.key === "P") {
    answer(false);
  } else if (event.key === "m" || event.key === "M") {
    answer(true);
  }
});
show();

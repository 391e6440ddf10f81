/**
 * A worker that holds the WebSocket. Sound goes on to the audio thread, everything else to the page.
 *
 * It is here, and not in the page, so that neither a busy nor a hidden page delays the sound.
 *
 * @import {Message, News, Order, Wish} from "../base/protocol.js"
 */

const WAITS = [0.25, 0.5, 1, 2, 4, 8]; // seconds before each new try

/** @type {WebSocket | null} */
let socket = null;
/** @type {MessagePort} */
let page;
/** @type {MessagePort} */
let speaker;
let again = ""; // the address to open if this one is lost
let tries = 0;
let timer = 0;
let rate = 44100;
let over = false; // the server closes when all has been heard

/** @param {News} news */
const report = (news) => page.postMessage(news);

/** @param {string} url */
function open(url) {
  close();
  over = false;
  const mine = new WebSocket(url);
  mine.binaryType = "arraybuffer";
  socket = mine;
  mine.onmessage = ({ data }) => {
    if (socket !== mine) return;
    if (typeof data === "string") hear(JSON.parse(data));
    else sound(data);
  };
  mine.onclose = () => {
    if (socket === mine && !over) lost();
  };
}

function close() {
  clearTimeout(timer);
  const old = socket;
  socket = null;
  old?.close();
}

function lost() {
  socket = null;
  const wait = WAITS[Math.min(tries, WAITS.length - 1)];
  tries += 1;
  report({ type: "lost", wait });
  timer = setTimeout(() => open(again), 1000 * wait);
}

/** @param {Message} message */
function hear(message) {
  if (message.type === "hello") {
    tries = 0;
    rate = message.rate;
    speaker.postMessage({ type: "begin", frame: 0, rate });
  } else if (message.type === "cut") {
    speaker.postMessage({ type: "cut", frame: Math.round(message.at * rate), rate });
  } else if (message.type === "error") {
    close(); // the server said why; trying again would not help
  } else if (message.type === "end") {
    over = true;
  }
  report({ type: "message", message });
}

/** @param {ArrayBuffer} data the first frame as float64, then 16-bit samples, little-endian */
function sound(data) {
  const first = new DataView(data).getFloat64(0, true);
  speaker.postMessage({ type: "sound", first, samples: new Int16Array(data, 8) }, [data]);
}

/** @param {Wish} wish */
function say(wish) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wish));
}

/** @param {MessageEvent<Order>} event */
onmessage = ({ data }) => {
  if (data.type === "ports") {
    page = data.page;
    speaker = data.speaker;
    speaker.onmessage = (event) => say(event.data); // "played"
  } else if (data.type === "open") {
    again = data.again;
    tries = 0;
    open(data.url);
  } else if (data.type === "close") close();
  else say(data.wish);
};

export {}; // a module, so that its names are its own

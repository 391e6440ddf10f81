/**
 * What the server and the page say to each other, as types.
 *
 * Times are seconds on the stream's clock; 0 is where the stream begins.
 *
 * @typedef {"number" | "choice" | "flag" | "key" | "text"} Kind
 * @typedef {number | string | boolean | null} Value null: as the model likes
 * @typedef {Record<string, Value>} Values by the name of the control
 *
 * @typedef {object} Control
 * @property {string} name
 * @property {string} title
 * @property {Kind} kind
 * @property {number} [least]
 * @property {number} [most]
 * @property {number} [step]
 * @property {string} [unit]
 * @property {Value} [default]
 * @property {string[]} [values] of a choice or a key
 * @property {string} [help]
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {string} title
 * @property {string[]} labels
 * @property {Control[]} controls
 * @property {boolean} passages whether repeated passages are found and refused
 *
 * @typedef {[start: number, end: number, pitch: number, velocity: number, track: number]} Note
 *
 * @typedef {object} Hello
 * @property {"hello"} type
 * @property {string} id of the stream
 * @property {string} model
 * @property {number | string} seed
 * @property {number} rate frames per second
 * @property {Values} controls
 *
 * @typedef {object} State
 * @property {"state"} type
 * @property {number} at
 * @property {Values} asked
 * @property {Values} now
 * @property {number} [refused] passages that were drawn again because they were heard before
 * @property {number} [replayed] passages heard twice
 *
 * @typedef {{type: "notes", notes: Note[]}} Notes
 * @typedef {{type: "set", at: number, values: Values}} Answer
 * @typedef {{type: "cut", at: number}} Cut
 * @typedef {{type: "refused", message: string}} Refused a wish that cannot be met; the music goes on
 * @typedef {{type: "end", at: number}} End
 * @typedef {{type: "error", message: string}} Failure
 * @typedef {object} Favourite
 * @property {"favourite"} type
 * @property {number} at
 * @property {Record<string, string | number>} link the query that plays it again
 * @property {boolean} [exact] false where more was changed than an address can hold
 * @typedef {Hello | State | Notes | Answer | Refused | Cut | End | Failure | Favourite}
 *   Message
 *
 * @typedef {{type: "set", values: Values} | {type: "played", at: number} | {type: "pause"}
 *   | {type: "resume"} | {type: "favourite", at: number}} Wish what the page may say
 *
 * @typedef {{type: "open", url: string, again: string} | {type: "close"}
 *   | {type: "say", wish: Wish} | {type: "ports", page: MessagePort, speaker: MessagePort}} Order
 *   from the page to the worker with the socket
 * @typedef {{type: "message", message: Message} | {type: "lost", wait: number}} News
 *   from the worker to the page; `wait` is in seconds
 *
 * @typedef {Record<string, string>} Query of the address that opens a stream
 */
export {};

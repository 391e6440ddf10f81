/**
 * Save what was heard last as a file.
 *
 * @import {Music} from "../music.js"
 */
import { ask } from "../base/api.js";
import { download, find } from "../base/dom.js";

/** @param {Music} music @param {(text: string) => void} say */
export function saving(music, say) {
  const button = find("save", HTMLButtonElement);
  button.addEventListener("click", async () => {
    const minutes = find("save-minutes", HTMLSelectElement).value;
    const format = find("save-format", HTMLSelectElement).value;
    if (!music.hello) return;
    button.disabled = true;
    say("Saving …");
    try {
      const path = `/api/streams/${music.hello.id}/save`;
      const response = await ask(path, { minutes, format });
      const name = fileName(response) ?? `${music.hello.model}.${format}`;
      download(await response.blob(), name);
      say(`Saved ${name}.`);
    } catch (error) {
      say(String(error instanceof Error ? error.message : error));
    }
    button.disabled = false;
  });
}

/** @param {Response} response @returns {string | undefined} the name that the server gives */
function fileName(response) {
  return response.headers.get("content-disposition")?.match(/filename="?([^";]+)/)?.[1];
}

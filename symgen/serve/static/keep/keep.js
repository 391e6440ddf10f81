/**
 * Keep: files of what was heard, favourites, links.
 *
 * @import {Music} from "../music.js"
 */
import { find } from "../base/dom.js";
import { add, exported, show } from "./favourites.js";
import { saving } from "./save.js";
import { copy, linkTo } from "./share.js";

/** @param {Music} music */
export function keeping(music) {
  const said = find("keep-said", HTMLElement);
  const say = (/** @type {string} */ text) => {
    said.textContent = text;
  };
  const again = (/** @type {import("./favourites.js").Kept} */ kept) => {
    say(`Playing ${kept.name} again.`);
    music.replay(kept.link);
  };
  saving(music, say);
  show(again);

  const favour = find("favour", HTMLButtonElement);
  favour.addEventListener("click", () => music.player.favourite());
  music.player.on("favourite", (answer) => {
    add(answer, music.model?.title ?? String(answer.link.model));
    show(again);
    const exact = answer.exact ?? true;
    say(exact ? "Added to the favourites." : "Added; so many changes play again only in part.");
  });
  find("favourites-export", HTMLButtonElement).addEventListener("click", exported);
  find("share", HTMLButtonElement).addEventListener("click", () =>
    copy(linkTo(music.link()), said),
  );

  const save = find("save", HTMLButtonElement);
  music.player.on("hello", () => {
    save.disabled = false;
    favour.disabled = false;
  });
  music.player.addEventListener("change", () => {
    save.disabled = !music.player.open;
    favour.disabled = !music.player.open;
  });
}

// Small dialogs that ask for one thing: a line of text, or a chat from a list.

import { avatar, byId, make } from "./dom.js";
import { colourOfChat, titleOf } from "./model.js";

/** A line of text; null where one thought better of it. */
export function ask(title, { value = "", hint = "", action = "OK" } = {}) {
  byId("ask-title").textContent = title;
  byId("ask-hint").textContent = hint;
  byId("ask-hint").hidden = !hint;
  byId("ask-ok").textContent = action;
  byId("ask-text").value = value;
  return open(byId("ask"), () => byId("ask-text").value.trim());
}

/** One of `choices`, each a chat and the reason why it cannot be picked, if there is one; null for none. */
export function pick(title, choices) {
  byId("pick-title").textContent = title;
  byId("pick-none").hidden = choices.length > 0;
  const dialog = byId("pick");
  byId("pick-list").replaceChildren(...choices.map(({ chat, reason }) => {
    const names = make("span", {}, make("strong", {}, titleOf(chat)), reason ? make("small", {}, reason) : "");
    const button = make("button", { type: "button", className: "choice", disabled: Boolean(reason) }, avatar(colourOfChat(chat), titleOf(chat), chat.type), names);
    button.onclick = () => dialog.close(String(chat.id));
    return make("li", {}, button);
  }));
  return open(dialog, (value) => Number(value));
}

/** Resolves when the dialog closes: with what `read` makes of it, or null where it was cancelled. */
function open(dialog, read) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue && dialog.returnValue !== "cancel" ? read(dialog.returnValue) : null);
  });
}

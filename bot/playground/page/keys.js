// The keyboard that the bot puts below the text field: words to say, and chats to share.

import { act } from "./server.js";
import { byId, languageOf, make } from "./dom.js";
import { pick } from "./dialogs.js";
import { findChat, messagesOf, model } from "./model.js";

let report = () => {};
const used = new Set(); // "chat message" of keyboards that were for one time

export function listenOnKeys(onError) {
  report = onError;
}

/** The last word that the bot said about the keyboard in this chat. */
function newest() {
  return messagesOf(model.open, model.topic).findLast(({ keyboard }) => keyboard?.keyboard || keyboard?.remove_keyboard);
}

export function showKeys() {
  const message = findChat(model.open) && newest();
  const rows = message?.keyboard.keyboard ?? [];
  const isUsed = message && used.has(`${message.chat.id} ${message.message_id}`);
  byId("keys").hidden = !rows.length || isUsed;
  byId("keys").replaceChildren(...rows.map((row) => make("div", { className: "row" }, ...row.map((key) => keyButton(message, key)))));
  byId("text").placeholder = (rows.length && message.keyboard.input_field_placeholder) || "Message";
}

function keyButton(message, key) {
  const text = key.text ?? key;
  const button = make("button", { type: "button", className: "reply-key", lang: languageOf(text) }, text);
  button.onclick = () => press(message, key, text).catch(report);
  return button;
}

async function press(message, key, text) {
  const body = { user: model.me, chat: message.chat.id, message: message.message_id, key: text };
  if (key.request_chat) {
    const { chats } = await act("fitting-chats", body);
    const choices = chats.map(({ id, reason }) => ({ chat: model.chats.find((one) => one.id === id), reason }));
    const fitFirst = choices.sort((one, other) => Boolean(one.reason) - Boolean(other.reason));
    const picked = await pick(text, fitFirst);
    if (!picked) return;
    await act("share-chat", { ...body, picked });
  } else {
    await act("press-key", body);
  }
  if (message.keyboard.one_time_keyboard) used.add(`${message.chat.id} ${message.message_id}`);
  showKeys();
}

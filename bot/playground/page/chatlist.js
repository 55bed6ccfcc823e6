// The left pane: whose eyes we look through, and their chats.

import { act } from "./server.js";
import { avatar, byId, languageOf, make, moment, shortDay, time } from "./dom.js";
import { icon } from "./icons.js";
import { colourOfChat, isMine, lastOf, me, model, myChats, nameOf, preview, serviceText, titleOf, unreadOf } from "./model.js";

const LANGUAGES = { en: "English", "zh-hans": "中文", de: "Deutsch", es: "Español" };

/** `choose.user(id)` and `choose.chat(id)` are called when one is picked. */
export function showPeople(choose) {
  byId("users").replaceChildren(...model.users.map((user) => userButton(user, choose)));
  const codes = new Set([...Object.keys(LANGUAGES), me().language_code]);
  const options = [...codes].map((code) => make("option", { value: code, selected: code === me().language_code }, LANGUAGES[code] ?? code));
  byId("language").replaceChildren(...options);
}

function userButton(user, choose) {
  const chosen = user.id === model.me;
  const language = LANGUAGES[user.language_code] ?? user.language_code;
  const names = make("span", {}, make("strong", { lang: languageOf(user.first_name) }, user.first_name), make("small", {}, language));
  const button = make("button", { type: "button", role: "radio", className: "user", "aria-checked": String(chosen), tabIndex: chosen ? 0 : -1 }, avatar(user.id, user.first_name), names);
  button.onclick = () => choose.user(user.id);
  return button;
}

export function listenForLanguage(report) {
  byId("language").onchange = (event) => act("language", { user: model.me, language: event.target.value }).catch(report);
}

/** Arrow keys move through the radio group, as in any other. */
export function listenForArrows(choose) {
  byId("users").onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = model.users.findIndex((user) => user.id === model.me);
    choose.user(model.users.at((at + step) % model.users.length).id);
    byId("users").querySelector("[aria-checked=true]").focus();
  };
}

export function showChats(choose) {
  const focused = document.activeElement?.closest?.(".chat")?.dataset.chat;
  byId("chats").replaceChildren(...myChats().map((chat) => make("li", {}, chatButton(chat, choose))));
  if (focused) byId("chats").querySelector(`[data-chat="${focused}"]`)?.focus();
}

function chatButton(chat, choose) {
  const last = lastOf(chat.id);
  const unread = unreadOf(chat.id);
  const line = last ? preview(last) : { private: "Tap to start", channel: "No posts yet" }[chat.type] ?? "";
  const who = last?.from && chat.type !== "private" && !serviceText(last) ? `${isMine(last) ? "You" : nameOf(last)}: ` : "";
  const top = make("span", { className: "line" }, make("strong", {}, titleOf(chat)), make("small", {}, last ? when(last) : ""));
  const count = unread ? make("span", { className: "badge", "aria-label": `${unread} unread` }, String(unread)) : "";
  const quiet = last?.silent ? make("span", { className: "quiet", title: "Sent silently" }, icon("silent")) : "";
  const bottom = make("span", { className: "line" }, make("span", { className: "preview", lang: languageOf(line) }, quiet, who, line), count);
  const current = chat.id === model.open ? { "aria-current": "true" } : {};
  const picture = avatar(colourOfChat(chat), titleOf(chat), chat.type);
  const button = make("button", { type: "button", className: "chat", "data-chat": chat.id, ...current }, picture, make("span", { className: "lines" }, top, bottom));
  button.onclick = () => choose.chat(chat.id);
  return button;
}

function when(message) {
  const sent = moment(message.date);
  return model.now && model.now - sent > 86_400_000 ? shortDay(sent) : time(sent);
}

// Where one writes: the text, the command menu, and the message that is answered.

import { act, fetchMenu } from "./server.js";
import { byId, languageOf, make } from "./dom.js";
import { administers, findChat, model, nameOf, openTopic, preview } from "./model.js";
import { closeOffers, onOfferKey, typed } from "./inline.js";
import { showKeys } from "./keys.js";

const MAX_HEIGHT_PX = 160;
let menu = { commands: [], description: "" };
let menuIsOpen = false; // by its button, whatever is written
let chosen = 0;
let answered = null;
let report = () => {};

export function listenOnComposer(onError) {
  report = onError;
  byId("composer").onsubmit = (event) => {
    event.preventDefault();
    send(byId("text").value);
  };
  byId("text").oninput = () => {
    grow();
    menuIsOpen = false;
    showCommands();
    typed(byId("text").value);
  };
  byId("text").onkeydown = onKey;
  byId("menu-button").onclick = () => {
    openMenu(!menuIsOpen);
    byId("text").focus();
  };
  byId("cancel-reply").onclick = () => answer(null);
  byId("instead").onclick = onInstead;
}

/** Fit the foot to the open chat: write, begin, unblock, or only read. */
export async function showComposer() {
  const chat = findChat(model.open);
  if (!chat) return;
  const blocked = chat.bot_role === "kicked" && chat.type === "private";
  const readOnly = whyReadOnly(chat);
  byId("composer").hidden = Boolean(readOnly) || blocked || Boolean(chat.unbegun);
  byId("read-only").hidden = !readOnly;
  byId("read-only").textContent = readOnly;
  byId("instead").hidden = !blocked && !chat.unbegun;
  byId("instead").textContent = blocked ? "UNBLOCK" : "START";
  byId("instead").dataset.deed = blocked ? "unblock" : "start";
  showKeys();
  const asked = [model.me, chat.id];
  const found = await fetchMenu(...asked);
  // Meanwhile another chat may have been opened, or the first words said in this one.
  if (asked.join() !== [model.me, model.open].join()) return;
  menu = found;
  byId("menu-button").hidden = !menu.commands.length;
  showCommands();
  if (findChat(model.open)?.unbegun) showGreeting();
}

function whyReadOnly(chat) {
  if (administers(chat)) return "";
  if (chat.type === "channel") return "Only administrators post in this channel";
  if (chat.parts[model.me] === "restricted") return "You may not write here";
  if (chat.quiet) return "Only administrators write in this group";
  return openTopic()?.closed ? "This topic is closed" : "";
}

function showGreeting() {
  const text = menu.description || "Press START and the bot will introduce itself.";
  const greeting = make("div", { className: "greeting", lang: languageOf(text) }, make("strong", {}, "What can this bot do?"), make("p", {}, text));
  byId("log").replaceChildren(greeting);
}

export function clearComposer() {
  byId("text").value = "";
  closeOffers();
  answer(null);
  openMenu(false);
  grow();
}

/** Put `text` where one writes, without sending it. */
export function draft(text) {
  clearComposer();
  byId("text").value = text;
  grow();
  byId("text").focus();
  typed(text);
}

/** Write `text` in the open chat. */
export async function send(text) {
  if (!text.trim()) return;
  const replyTo = answered ? { reply_to: answered.message_id } : {};
  clearComposer();
  try {
    await act("say", { user: model.me, chat: model.open, text, ...replyTo, ...(model.topic ? { thread: model.topic } : {}) });
  } catch (error) {
    byId("text").value ||= text;
    grow();
    report(error);
  }
}

/** The next message will answer this one (null: none). */
export function answer(message) {
  answered = message;
  byId("replying").hidden = !message;
  if (!message) return;
  byId("replying-to").replaceChildren(make("strong", {}, `Reply to ${nameOf(message)}`), make("span", {}, preview(message)));
  byId("text").focus();
}

/** Esc: close what is open here; true where there was something. */
export function closeOnEscape() {
  if (!byId("commands").hidden) {
    openMenu(false);
    byId("commands").hidden = true;
    return true;
  }
  if (closeOffers()) return true;
  if (!answered) return false;
  answer(null);
  return true;
}

function onInstead() {
  if (byId("instead").dataset.deed === "start") send("/start");
  else act("unblock", { user: model.me }).catch(report);
}

function onKey(event) {
  if (event.isComposing) return; // Enter ends a word of an input method, not the message
  if (onOfferKey(event)) return;
  const items = byId("commands").hidden ? [] : [...byId("commands").children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (items.length && step) {
    event.preventDefault();
    choose((chosen + step + items.length) % items.length);
  } else if (items.length && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    byId("text").value = `${items[chosen].dataset.command} `;
    showCommands();
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send(items.length ? items[chosen].dataset.command : byId("text").value);
  }
}

function openMenu(open) {
  menuIsOpen = open;
  byId("menu-button").setAttribute("aria-expanded", String(open));
  showCommands();
}

/** All commands where the menu is open, else those that begin as what is written does. */
function showCommands() {
  const written = byId("text").value;
  const begins = /^\/[a-z0-9_]*$/i.test(written);
  const fitting = menu.commands.filter(({ command }) => menuIsOpen || (begins && `/${command}`.startsWith(written.toLowerCase())));
  byId("commands").replaceChildren(...fitting.map(commandItem));
  byId("commands").hidden = !fitting.length;
  choose(0);
}

function commandItem({ command, description }, index) {
  const item = make("li", { role: "option", id: `command-${index}`, "data-command": `/${command}` }, make("strong", {}, `/${command}`), make("span", { lang: languageOf(description) }, description));
  item.onclick = () => send(`/${command}`);
  return item;
}

function choose(index) {
  chosen = index;
  const items = [...byId("commands").children];
  items.forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
  items[index]?.scrollIntoView({ block: "nearest" });
  if (items.length) byId("text").setAttribute("aria-activedescendant", `command-${index}`);
  else byId("text").removeAttribute("aria-activedescendant");
}

function grow() {
  const text = byId("text");
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, MAX_HEIGHT_PX)}px`;
}

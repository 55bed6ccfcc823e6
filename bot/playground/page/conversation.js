// The right pane: who it is with, what is pinned, and the messages by day.

import { avatar, byId, day, make, moment } from "./dom.js";
import { colourOfChat, findChat, isMine, markRead, messagesOf, model, preview, titleOf, topicOf } from "./model.js";
import { bubble } from "./bubbles.js";
import { fillChatMenu } from "./chatmenu.js";

const PAGE = 150; // messages shown at once; more on demand
const NEAR_END_PX = 80;
const ACTION_MS = 5000;
const ACTIONS = { typing: "is typing …", upload_photo: "is sending a photo …", upload_document: "is sending a file …" };
let shown = PAGE;
let missed = 0;
let staysAtEnd = true;
let actionEnds = 0;
let deeds = {};

/** `given` holds what can be done with a message: command, follow, press, reply, menu, enlarge, topic. */
export function listenOnConversation(given) {
  deeds = { ...given, goTo };
  byId("to-end").onclick = scrollToEnd;
  byId("log").onscroll = () => {
    staysAtEnd = atEnd();
    if (staysAtEnd) noteMissed(0);
  };
  // The end stays in sight when the foot grows, the window changes or the phone's keyboard comes.
  new ResizeObserver(() => staysAtEnd && scrollToEnd()).observe(byId("log"));
  // A photo takes its room when it has come; load events do not bubble, so they are caught on the way down.
  byId("log").addEventListener("load", () => staysAtEnd && scrollToEnd(), true);
  byId("pinned").onclick = (event) => goTo(Number(event.currentTarget.dataset.id));
}

/** Draw the open chat from the start, or say that none is open. */
export function showConversation() {
  const chat = findChat(model.open);
  for (const id of ["chat-head", "foot"]) byId(id).hidden = !chat;
  byId("nothing-open").hidden = Boolean(chat);
  shown = PAGE;
  noteMissed(0);
  byId("log").replaceChildren();
  if (!chat) return;
  showHead();
  showMessages();
  scrollToEnd();
}

export function showHead() {
  const chat = findChat(model.open);
  if (!chat) return;
  byId("chat-avatar").replaceChildren(avatar(colourOfChat(chat), titleOf(chat), chat.type));
  byId("chat-title").textContent = titleOf(chat);
  if (!actionEnds) byId("chat-subtitle").textContent = subtitle(chat);
  showPinned(chat);
  fillChatMenu(chat);
}

function subtitle(chat) {
  if (chat.type === "private") return chat.bot_role === "kicked" ? "bot · blocked" : "bot";
  const count = Object.keys(chat.roles).length;
  if (chat.type === "channel") return `channel · ${count} members`;
  const kind = chat.is_forum ? "forum" : chat.type === "group" ? "small group" : "group";
  return `${kind} · ${count} members${chat.bot_role === "administrator" ? " · bot administrator" : ""}`;
}

function showPinned(chat) {
  const here = messagesOf(chat.id, model.topic);
  const id = chat.pinned_ids.findLast((pinned) => here.some((message) => message.message_id === pinned));
  const message = model.messages.get(chat.id)?.get(id);
  byId("pinned").hidden = !message;
  if (!message) return;
  byId("pinned").dataset.id = id;
  byId("pinned").replaceChildren(make("strong", {}, "Pinned message"), make("span", {}, preview(message)));
}

function showMessages() {
  const chat = findChat(model.open);
  const all = messagesOf(chat.id, model.topic);
  const log = byId("log");
  log.replaceChildren();
  if (all.length > shown) log.append(make("button", { type: "button", className: "earlier", onclick: showEarlier }, `Show ${Math.min(PAGE, all.length - shown)} earlier messages`));
  for (const message of all.slice(-shown)) append(chat, message);
}

function showEarlier() {
  const log = byId("log");
  const fromEnd = log.scrollHeight - log.scrollTop;
  shown += PAGE;
  showMessages();
  log.scrollTop = log.scrollHeight - fromEnd;
}

function append(chat, message) {
  const log = byId("log");
  const title = day(moment(message.date));
  if (log.dataset.day !== title || !log.querySelector(".day")) log.append(make("p", { className: "day" }, make("span", {}, title)));
  log.dataset.day = title;
  log.append(bubble(message, chat, deeds));
}

const elementOf = (id) => byId("log").querySelector(`[data-id="${id}"]`);

/** A new message in the open chat. */
export function addMessage(message) {
  const follow = atEnd() || isMine(message);
  setAction(0);
  byId("log").querySelector(".greeting")?.remove();
  append(findChat(model.open), message);
  elementOf(message.message_id).classList.add("new");
  if (follow) scrollToEnd();
  else noteMissed(missed + 1);
}

/** A message changed in place. */
export function replaceMessage(message) {
  const old = elementOf(message.message_id);
  if (!old) return;
  const follow = atEnd();
  const hadFocus = old.contains(document.activeElement);
  const fresh = bubble(message, findChat(model.open), deeds);
  old.replaceWith(fresh);
  if (hadFocus) (fresh.querySelector(".key") ?? fresh).focus({ preventScroll: true });
  if (follow) scrollToEnd();
  showHead();
}

export function removeMessage(id) {
  elementOf(id)?.remove();
  showHead();
}

/** The bot says that something is on its way. */
export function showAction(action) {
  byId("chat-subtitle").textContent = ACTIONS[action] ?? "is at work …";
  setAction(setTimeout(() => setAction(0), ACTION_MS));
}

function setAction(timer) {
  clearTimeout(actionEnds);
  actionEnds = timer;
  const chat = findChat(model.open);
  if (!timer && chat) byId("chat-subtitle").textContent = subtitle(chat);
}

function atEnd() {
  const log = byId("log");
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
}

function scrollToEnd() {
  byId("log").scrollTop = byId("log").scrollHeight;
  noteMissed(0);
}

function noteMissed(count) {
  missed = count;
  byId("to-end").hidden = !count;
  byId("to-end").textContent = `↓ ${count} new`;
  if (!count && model.open !== null) markRead(model.open, model.topic);
}

export function goTo(id) {
  const message = model.messages.get(model.open)?.get(id);
  if (message && model.topic !== null && topicOf(message) !== model.topic) deeds.topic(topicOf(message));
  if (message && !elementOf(id)) {
    shown = Infinity;
    showMessages();
  }
  const element = elementOf(id);
  if (!element) return;
  element.scrollIntoView({ block: "center" });
  element.classList.remove("found");
  requestAnimationFrame(() => element.classList.add("found"));
  element.focus({ preventScroll: true });
}

// The playground's page: events from the server change the model, and the panes show it.

import { act, connect } from "./server.js";
import { byId, make } from "./dom.js";
import { findChat, isMine, me, model, myChats, preview, takeErasure, takeMessage, takeMessages, takePeople, titleOf } from "./model.js";
import { listenForArrows, listenForLanguage, showChats, showPeople } from "./chatlist.js";
import { addMessage, listenOnConversation, openChatMenu, removeMessage, replaceMessage, showAction, showConversation, showHead } from "./conversation.js";
import { answer, clearComposer, closeOnEscape, listenOnComposer, send, showComposer } from "./composer.js";
import { drawIcons } from "./icons.js";
import { applyTheme, listenOnBar, openFaults, showBlock, showClock, showFaults } from "./stagebar.js";

const TOAST_MS = 4000;
// A button stops waiting for the bot's answer after this, as in Telegram's apps.
const ANSWER_MS = 15_000;
const pressed = new Map(); // query id -> the button that waits for its answer

const HEARD = {
  snapshot(all) {
    if (model.started && model.started !== all.started) location.reload();
    model.started = all.started;
    takeMessages(all.messages);
    takePeople(all);
    showFaults(all.faults);
    showClock(all);
    showAll();
  },
  people(change) {
    takePeople(change);
    // A chat goes when one leaves it, and when a group moves to another id.
    if (model.open !== null && !findChat(model.open)) choose.none();
    showPeople(choose);
    showChats(choose);
    showHead();
    showComposer();
    showBlocked();
  },
  menus: () => showComposer(),
  clock: showClock,
  message({ chat, message }) {
    takeMessage(chat, message);
    if (chat === model.open) addMessage(message);
    if (!isMine(message)) announce(chat, message);
    showChats(choose);
  },
  edit({ chat, message }) {
    takeMessage(chat, message);
    if (chat === model.open) replaceMessage(message);
    showChats(choose);
  },
  erase({ chat, message, pinned }) {
    takeErasure(chat, message);
    takePins(chat, pinned);
    if (chat === model.open) removeMessage(message);
    showChats(choose);
  },
  pins({ chat, pinned }) {
    takePins(chat, pinned);
    showHead();
  },
  action({ chat, action }) {
    if (chat === model.open) showAction(action);
  },
  answer({ user, query, text, alert }) {
    settle(query);
    if (user !== model.me || !text) return;
    if (alert) showAlert(text);
    else toast(text);
  },
  fault({ fault, method, queued }) {
    showFaults(queued);
    toast(`${method} met: ${fault}`, "warning");
  },
  faults: ({ queued }) => showFaults(queued),
};

const choose = {
  user(id) {
    if (id === model.me) return;
    model.me = id;
    if (!myChats().some((chat) => chat.id === model.open)) model.open = null;
    if (matchMedia("(min-width: 721px)").matches) model.open ??= id;
    clearComposer();
    showAll();
  },
  none() {
    model.open = null;
    document.body.dataset.view = "list";
    showConversation();
  },
  chat(id) {
    model.open = id;
    document.body.dataset.view = "chat";
    clearComposer();
    showConversation();
    showComposer();
    showChats(choose);
    if (matchMedia("(hover: hover)").matches) byId("text").focus();
  },
};

function showAll() {
  if (model.open === null && matchMedia("(min-width: 721px)").matches) model.open = model.me;
  showPeople(choose);
  showConversation();
  showComposer();
  showChats(choose);
  showBlocked();
}

function showBlocked() {
  const chat = myChats().find(({ type }) => type === "private");
  showBlock(chat.bot_role === "kicked", me().first_name);
}

function takePins(id, pinned) {
  const chat = model.chats.find((one) => one.id === id);
  if (chat) chat.pinned_ids = pinned;
}

function announce(id, message) {
  const chat = myChats().find((one) => one.id === id);
  if (chat && !message.silent) byId("announcer").textContent = `${titleOf(chat)}: ${preview(message)}`;
}

async function press(message, button, element) {
  if (button.copy_text) {
    await navigator.clipboard.writeText(button.copy_text.text);
    toast("Copied");
    return;
  }
  element.classList.add("waiting");
  try {
    const { query } = await act("press", { user: model.me, chat: message.chat.id, message: message.message_id, data: button.callback_data ?? button.text });
    if (element.classList.contains("waiting")) pressed.set(query, element);
    setTimeout(settle, ANSWER_MS, query);
  } catch (error) {
    element.classList.remove("waiting");
    report(error);
  }
}

function settle(query) {
  pressed.get(query)?.classList.remove("waiting");
  pressed.delete(query);
}

function toast(text, kind = "") {
  const element = make("p", { className: `toast ${kind}` }, text);
  byId("toasts").append(element);
  setTimeout(() => element.remove(), TOAST_MS);
}

const report = (error) => toast(error.message, "warning");

function showAlert(text) {
  byId("alert-text").textContent = text;
  byId("alert").showModal();
}

function enlarge(source, description) {
  Object.assign(byId("lightbox-image"), { src: source, alt: description });
  byId("lightbox").showModal();
}

function backToList() {
  choose.none();
  showChats(choose);
  byId("chats").querySelector("button")?.focus();
}

function onEscape(event) {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (!byId("faults").hidden) {
    openFaults(false);
    byId("open-faults").focus();
  } else if (!byId("chat-menu").hidden) {
    openChatMenu(false);
    byId("open-chat-menu").focus();
  } else if (!closeOnEscape() && document.body.dataset.view === "chat" && byId("back").offsetParent) backToList();
}

applyTheme();
drawIcons();
listenOnBar(report);
listenForLanguage(report);
listenForArrows(choose);
listenOnComposer(report);
listenOnConversation({ command: send, press, reply: answer, enlarge }, report);
document.addEventListener("keydown", onEscape);
byId("back").onclick = backToList;
byId("lightbox").onclick = () => byId("lightbox").close();
connect({
  hear: (change) => HEARD[change.kind]?.(change),
  lost: () => (byId("offline").hidden = false),
  back: () => (byId("offline").hidden = true),
});

// The playground's page: events from the server change the model, and the panes show it.

import { act, connect } from "./server.js";
import { byId, make } from "./dom.js";
import { GENERAL, findChat, isHere, isMine, me, model, myChats, preview, takeErasure, takeMessage, takeMessages, takePeople, titleOf } from "./model.js";
import { listenForArrows, listenForLanguage, showChats, showPeople } from "./chatlist.js";
import { addMessage, listenOnConversation, removeMessage, replaceMessage, showAction, showConversation, showHead } from "./conversation.js";
import { listenOnChatMenu, openChatMenu } from "./chatmenu.js";
import { pick } from "./dialogs.js";
import { listenOnInline, showOffer } from "./inline.js";
import { listenOnKeys, showKeys } from "./keys.js";
import { follow, listenOnLinks } from "./links.js";
import { listenOnMembers, showMembers, showMyPart } from "./members.js";
import { closeMessageMenu, listenOnMessageMenu, openMessageMenu } from "./messagemenu.js";
import { listenOnTopics, showTopics } from "./topics.js";
import { answer, clearComposer, closeOnEscape, draft, listenOnComposer, send, showComposer } from "./composer.js";
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
    // A chat goes when one leaves it, and when a group moves to another id, where one follows it.
    if (model.open !== null && !findChat(model.open)) choose.gone();
    else if (topicIsGone()) choose.topic(findChat(model.open).is_forum ? GENERAL : null);
    showPeople(choose);
    showChats(choose);
    showHead();
    showAround();
    showMembers();
    showComposer();
    showBlocked();
    openWanted();
  },
  menus: () => showComposer(),
  clock: showClock,
  message({ chat, message }) {
    takeMessage(chat, message);
    if (chat === model.open && isHere(message)) addMessage(message);
    if (chat === model.open && message.keyboard) takeKeyboard(message);
    if (!isMine(message)) announce(chat, message);
    showChats(choose);
    if (chat === model.open) showTopics();
  },
  edit({ chat, message }) {
    takeMessage(chat, message);
    if (chat === model.open) replaceMessage(message);
    showChats(choose);
  },
  erase({ chat, message, pinned }) {
    takeErasure(chat, message);
    takePins(chat, pinned);
    if (chat === model.open) {
      removeMessage(message);
      showKeys();
    }
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
  offer: showOffer,
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
    if (!myChats().some((chat) => chat.id === model.open)) [model.open, model.topic] = [null, null];
    if (matchMedia("(min-width: 721px)").matches) model.open ??= id;
    clearComposer();
    showAll();
  },
  none() {
    [model.open, model.topic] = [null, null];
    document.body.dataset.view = "list";
    showConversation();
    showAround();
  },
  gone() {
    const moved = [...(model.messages.get(model.open)?.values() ?? [])].at(-1)?.migrate_to_chat_id;
    if (moved && findChat(moved)) choose.chat(moved);
    else choose.none();
  },
  chat(id) {
    const chat = findChat(id);
    wanted = chat ? null : { chat: id };
    if (!chat) return;
    model.open = id;
    model.topic = chat.is_forum ? (lastTopics.get(id) ?? GENERAL) : null;
    if (topicIsGone()) model.topic = GENERAL;
    document.body.dataset.view = "chat";
    clearComposer();
    showConversation();
    showAround();
    showComposer();
    showChats(choose);
    if (matchMedia("(hover: hover)").matches) byId("text").focus();
  },
  topic(id) {
    const isThere = id === null || findChat(model.open)?.topics.some((topic) => topic.id === id);
    wanted = isThere ? null : { topic: id };
    if (!isThere) return;
    model.topic = id;
    if (id !== null) lastTopics.set(model.open, id);
    clearComposer();
    showConversation();
    showAround();
    showComposer();
    showChats(choose);
  },
};

// A chat or topic that was just made: the answer to the deed may be here before the news of it.
let wanted = null;

function openWanted() {
  const { chat, topic } = wanted ?? {};
  if (chat !== undefined) choose.chat(chat);
  else if (topic !== undefined) choose.topic(topic);
}

const lastTopics = new Map(); // chat id -> the topic that was open there

const topicIsGone = () => {
  const chat = findChat(model.open);
  if (!chat) return false;
  if (!chat.is_forum) return model.topic !== null;
  return !chat.topics.some((topic) => topic.id === model.topic);
};

/** What stands around the messages: topics, and the part that one plays. */
function showAround() {
  showTopics();
  showMyPart();
}

function takeKeyboard(message) {
  showKeys();
  if (message.keyboard.force_reply && isHere(message)) answer(message);
}

function showAll() {
  if (model.open === null && matchMedia("(min-width: 721px)").matches) model.open = model.me;
  if (topicIsGone()) model.topic = findChat(model.open).is_forum ? GENERAL : null;
  showPeople(choose);
  showConversation();
  showAround();
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
  if (switchesInline(button)) return askInline(button).catch(report);
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

const switchesInline = (button) => ["switch_inline_query_current_chat", "switch_inline_query", "switch_inline_query_chosen_chat"].some((name) => name in button);

/** Buttons that begin an inline question: here, or in a chat that one picks. */
async function askInline(button) {
  const question = button.switch_inline_query_current_chat ?? button.switch_inline_query ?? button.switch_inline_query_chosen_chat.query ?? "";
  if (!("switch_inline_query_current_chat" in button)) {
    const chat = await pick("Ask the bot in", myChats().map((one) => ({ chat: one })));
    if (!chat) return;
    choose.chat(chat);
  }
  draft(`@${model.bot.username} ${question}`);
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
  } else if (closeMessageMenu()) {
    byId("log").focus({ preventScroll: true });
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
listenOnConversation({ command: send, follow, press, reply: answer, menu: openMessageMenu, enlarge, topic: choose.topic });
listenOnChatMenu(choose, report);
listenOnMessageMenu({ reply: answer, report });
listenOnMembers(report);
listenOnTopics(choose.topic, report);
listenOnKeys(report);
listenOnLinks(choose.chat, report);
listenOnInline({
  chosen: clearComposer,
  start(payload) {
    follow(`https://t.me/${model.bot.username}?start=${payload}`);
  },
  report,
});
document.addEventListener("keydown", onEscape);
byId("back").onclick = backToList;
byId("lightbox").onclick = () => byId("lightbox").close();
connect({
  hear: (change) => HEARD[change.kind]?.(change),
  lost: () => (byId("offline").hidden = false),
  back: () => (byId("offline").hidden = true),
});

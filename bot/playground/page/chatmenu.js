// What can be done with the open chat: a menu, made anew whenever the chat changes.

import { act } from "./server.js";
import { byId, make } from "./dom.js";
import { ask, pick } from "./dialogs.js";
import { GENERAL, administers, model, myChats, openTopic } from "./model.js";
import { openMembers } from "./members.js";

let report = () => {};
let open = { chat() {}, topic() {} };

/** `choose.chat(id)` and `choose.topic(id)` open what a deed has made. */
export function listenOnChatMenu(choose, onError) {
  [open, report] = [choose, onError];
  byId("open-chat-menu").onclick = () => openChatMenu(byId("chat-menu").hidden);
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".chat-tools")) openChatMenu(false);
  });
}

export function openChatMenu(isOpen) {
  if (byId("chat-menu").hidden === !isOpen) return;
  byId("chat-menu").hidden = !isOpen;
  byId("open-chat-menu").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) byId("chat-menu").firstChild?.focus();
}

export function fillChatMenu(chat) {
  const items = [...topicDeeds(chat), ...chatDeeds(chat), ...botDeeds(chat)].map(([label, deed]) => {
    const item = make("button", { type: "button", role: "menuitem" }, label);
    item.onclick = () => {
      openChatMenu(false);
      Promise.resolve(deed()).catch(report);
    };
    return item;
  });
  byId("chat-menu").replaceChildren(...items);
  byId("open-chat-menu").hidden = !items.length;
}

/** Deeds in a chat, all of whoever is played now: one may be somebody else before a dialog is answered. */
function doer(chat) {
  const user = model.me;
  return (deed, body = {}) => act(deed, { user, chat: chat.id, ...body });
}

function topicDeeds(chat) {
  if (!chat.is_forum || !administers(chat)) return [];
  const run = doer(chat);
  const topic = openTopic();
  const deeds = [["New topic …", () => newTopic(chat)]];
  if (!topic) return deeds;
  const thread = { thread: topic.id };
  if (topic.id !== GENERAL) deeds.push([`Rename “${topic.name}” …`, () => renameTopic(chat, topic)]);
  deeds.push(topic.closed ? [`Reopen “${topic.name}”`, () => run("reopen-topic", thread)] : [`Close “${topic.name}”`, () => run("close-topic", thread)]);
  if (topic.id !== GENERAL) deeds.push([`Delete “${topic.name}”`, () => run("delete-topic", thread)]);
  return deeds;
}

export async function newTopic(chat) {
  const run = doer(chat);
  const name = await ask("New topic", { action: "Open it" });
  if (!name) return;
  const { thread } = await run("new-topic", { name });
  open.topic(thread);
}

async function renameTopic(chat, topic) {
  const run = doer(chat);
  const name = await ask("Another name", { value: topic.name, action: "Rename" });
  if (name) await run("rename-topic", { thread: topic.id, name });
}

function chatDeeds(chat) {
  if (chat.type === "private") return [];
  const run = doer(chat);
  const members = ["Members and rights …", () => openMembers(chat)];
  if (!administers(chat)) return [members];
  if (chat.type === "channel") return [members, discussion(chat)];
  const moved = (deed) => () => run(deed).then(({ chat: id }) => open.chat(id));
  const deeds = [members];
  if (chat.type === "group") deeds.push(["Upgrade to a supergroup", moved("migrate")]);
  if (!chat.is_forum) deeds.push(["Turn topics on", moved("make-forum")]);
  return [...deeds, [chat.quiet ? "Let members write" : "Let only administrators write", () => run("quieten", { quiet: !chat.quiet })]];
}

function discussion(chat) {
  const run = doer(chat);
  if (chat.linked) return ["End the discussion group", () => run("discuss")];
  return ["Add a discussion group …", async () => {
    const groups = myChats().filter(({ type }) => type === "supergroup");
    const group = await pick("Where posts are discussed", groups.map((one) => ({ chat: one })));
    if (group) await run("discuss", { group });
  }];
}

function botDeeds(chat) {
  const run = doer(chat);
  const isGone = chat.bot_role === "kicked" || chat.bot_role === "left";
  if (chat.type === "private") return [isGone ? ["Unblock the bot", () => run("unblock")] : ["Block the bot", () => run("block")]];
  if (!administers(chat)) return [];
  if (isGone) return [["Add the bot", () => run("add-bot")]];
  const remove = ["Remove the bot", () => run("remove-bot")];
  if (chat.type === "channel" || chat.bot_role === "administrator") return [remove];
  return [["Make the bot an administrator", () => run("add-bot", { admin: true })], remove];
}

// Links to the bot: followed on this page, where an app would follow them.

import { act } from "./server.js";
import { byId } from "./dom.js";
import { ask, pick } from "./dialogs.js";
import { model } from "./model.js";

let open = () => {};
let report = () => {};

/** `onOpen(chat id)` is called for the chat that a link leads to. */
export function listenOnLinks(onOpen, onError) {
  [open, report] = [onOpen, onError];
  byId("open-link").onclick = async () => {
    const user = model.me;
    const hint = "?start=… opens the private chat, ?startgroup=… and ?startchannel ask for a group or channel.";
    const url = await ask("Open a link to the bot", { value: `https://t.me/${model.bot.username}?start=`, hint, action: "Open" });
    if (url) go(url, user).catch(report);
  };
  byId("new-group").onclick = () => create("group", "New group").catch(report);
  byId("new-channel").onclick = () => create("channel", "New channel").catch(report);
}

/** True where `url` leads to the bot, and is followed here. */
export function follow(url) {
  const isOurs = new RegExp(`^(https?://)?(t|telegram)\\.me/${model.bot.username}([/?]|$)`, "i").test(url);
  if (isOurs) go(url).catch(report);
  return isOurs;
}

async function go(url, user = model.me) {
  const answer = await act("follow", { user, url });
  if (answer.opened) return open(answer.opened);
  const chats = model.chats.filter(({ id }) => answer.pick.includes(id));
  const chat = await pick("Where to add the bot", chats.map((one) => ({ chat: one })));
  if (!chat) return;
  await act("follow", { user, url, chat });
  open(chat);
}

async function create(kind, title) {
  const user = model.me;
  const name = await ask(title, { action: "Create", hint: kind === "group" ? "Everybody is in it; the bot is not yet." : "Yours alone; the bot is not in it yet." });
  if (!name) return;
  const { chat } = await act("new-chat", { user, kind, title: name });
  open(chat);
}

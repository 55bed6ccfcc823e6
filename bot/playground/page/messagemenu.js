// What can be done with one message: answer, forward, pin, delete.

import { act } from "./server.js";
import { byId, make } from "./dom.js";
import { pick } from "./dialogs.js";
import { administers, findChat, isMine, model, myChats } from "./model.js";

const GAP_PX = 8;
let deeds = {};

/** `given` holds `reply(message)` and `report(error)`. */
export function listenOnMessageMenu(given) {
  deeds = given;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#message-menu, .more")) closeMessageMenu();
  });
  byId("log").addEventListener("scroll", closeMessageMenu);
}

/** Closes it; true where it was open. */
export function closeMessageMenu() {
  const wasOpen = !byId("message-menu").hidden;
  byId("message-menu").hidden = true;
  return wasOpen;
}

export function openMessageMenu(message, opener) {
  const menu = byId("message-menu");
  menu.replaceChildren(...items(message).map(([label, deed]) => {
    const item = make("button", { type: "button", role: "menuitem" }, label);
    item.onclick = () => {
      closeMessageMenu();
      Promise.resolve(deed()).catch(deeds.report);
    };
    return item;
  }));
  menu.hidden = false;
  placeBeside(menu, opener.getBoundingClientRect());
  menu.firstChild.focus({ preventScroll: true });
}

function placeBeside(menu, box) {
  const top = Math.min(Math.max(box.bottom, 0) + GAP_PX, innerHeight - menu.offsetHeight - GAP_PX);
  const left = Math.min(Math.max(box.left, GAP_PX), innerWidth - menu.offsetWidth - GAP_PX);
  Object.assign(menu.style, { top: `${top}px`, left: `${left}px` });
}

function items(message) {
  const chat = findChat(model.open);
  const user = model.me; // who opened the menu, whoever is played when a dialog is answered
  const run = (deed, body = {}) => act(deed, { user, chat: chat.id, message: message.message_id, ...body });
  const isMaster = chat.type === "private" || administers(chat);
  const list = [["Forward …", () => forward(run)]];
  if (chat.type !== "channel" || isMaster) list.unshift(["Reply", () => deeds.reply(message)]);
  if (isMaster) list.push(chat.pinned_ids.includes(message.message_id) ? ["Unpin", () => run("unpin")] : ["Pin", () => run("pin")]);
  if (isMaster || isMine(message)) list.push(["Delete", () => run("delete")]);
  return list;
}

async function forward(run) {
  const choices = myChats().map((chat) => ({ chat, reason: chat.type === "channel" ? "posts are not forwarded into channels here" : "" }));
  const to = await pick("Forward to", choices);
  if (to) await run("forward", { to });
}

// Who plays which part in a chat, and the switch between the parts: one tries how the bot takes each.

import { act } from "./server.js";
import { avatar, byId, make } from "./dom.js";
import { colourOf, findChat, model } from "./model.js";

const NAMES = {
  creator: "Owner",
  administrator: "Administrator",
  anonymous: "Anonymous administrator",
  "no-pin": "Administrator who may not pin",
  member: "Member",
  restricted: "Restricted: may not write",
  left: "Not in this chat",
};
const SHORT = { creator: "Owner", administrator: "Admin", anonymous: "Anonymous", "no-pin": "Admin", member: "Member", restricted: "Restricted" };

let shown = null; // chat id
let report = () => {};

export function listenOnMembers(onError) {
  report = onError;
  byId("my-part").onchange = (event) => setPart(model.open, model.me, event.target.value);
}

/** The parts that a member, or the bot, can have in a chat. */
function partsOf(chat, user) {
  const present = chat.parts[user.id] ?? "left";
  if (present === "creator") return ["creator", ...(chat.type === "supergroup" ? ["anonymous"] : [])];
  if (chat.type === "channel") return ["administrator", ...(user.is_bot ? [] : ["member"]), "left"];
  const parts = ["member", "administrator"];
  if (chat.type === "supergroup") parts.push(user.is_bot ? "no-pin" : "anonymous", "restricted");
  else if (user.is_bot) parts.push("no-pin");
  return [...parts, "left"];
}

const partOf = (chat, user) => (chat.anonymous.includes(user.id) ? "anonymous" : (chat.parts[user.id] ?? "left"));

function options(chat, user, names) {
  const present = partOf(chat, user);
  const parts = new Set([...partsOf(chat, user), present]);
  return [...parts].map((part) => make("option", { value: part, selected: part === present }, names[part] ?? part));
}

/** The part that one plays oneself, in the head of the conversation. */
export function showMyPart() {
  const chat = findChat(model.open);
  const isGroup = Boolean(chat) && chat.type.endsWith("group");
  byId("my-part-label").hidden = !isGroup;
  if (!isGroup || document.activeElement === byId("my-part")) return;
  const me = model.users.find((user) => user.id === model.me);
  byId("my-part").replaceChildren(...options(chat, me, SHORT).filter(({ value }) => value !== "left"));
}

export function openMembers(chat) {
  shown = chat.id;
  showMembers();
  byId("members").showModal();
}

/** Drawn anew whenever somebody's part changes. */
export function showMembers() {
  const chat = model.chats.find(({ id }) => id === shown);
  if (!chat) return;
  byId("members-title").textContent = chat.title;
  byId("member-list").replaceChildren(...[...model.users, model.bot].map((user) => memberRow(chat, user)));
}

function memberRow(chat, user) {
  const select = make("select", { "aria-label": `The part of ${user.first_name}` }, ...options(chat, user, NAMES));
  select.onchange = () => setPart(chat.id, user.id, select.value);
  const kind = make("small", {}, user.is_bot ? "bot" : user.id === model.me ? "you" : `@${user.username}`);
  return make("li", {}, avatar(colourOf(user), user.first_name), make("span", {}, make("strong", {}, user.first_name), kind), select);
}

function setPart(chat, member, part) {
  document.activeElement?.blur();
  act("set-part", { user: model.me, chat, member, part })
    .catch(report)
    .finally(() => {
      showMembers();
      showMyPart();
    });
}

// The topics of a forum: tabs above the conversation, each with a conversation of its own.

import { byId, make } from "./dom.js";
import { administers, findChat, model, unreadOf } from "./model.js";
import { newTopic } from "./chatmenu.js";

let choose = () => {};
let report = () => {};

/** `onChoose(id)` is called when a topic is picked. */
export function listenOnTopics(onChoose, onError) {
  [choose, report] = [onChoose, onError];
  byId("topics").onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const topics = findChat(model.open)?.topics ?? [];
    if (!step || !event.target.closest("[role=tab]")) return;
    const at = topics.findIndex((topic) => topic.id === model.topic);
    choose(topics.at((at + step) % topics.length).id);
    byId("topics").querySelector("[aria-selected=true]")?.focus();
  };
}

export function showTopics() {
  const chat = findChat(model.open);
  const strip = byId("topics");
  strip.hidden = !chat?.is_forum;
  if (strip.hidden) return;
  const hadFocus = strip.contains(document.activeElement);
  const tabs = make("div", { role: "tablist", "aria-label": "Topics", className: "tabs" }, ...chat.topics.map((topic) => tab(chat, topic)));
  const add = make("button", { type: "button", className: "add-topic", "aria-label": "New topic", title: "New topic", hidden: !administers(chat) }, "+");
  add.onclick = () => newTopic(chat).catch(report);
  strip.replaceChildren(tabs, add);
  const open = strip.querySelector("[aria-selected=true]");
  open?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (hadFocus) open?.focus();
}

function tab(chat, topic) {
  const isOpen = topic.id === model.topic;
  const unread = unreadOf(chat.id, topic.id);
  const count = unread ? make("span", { className: "badge", "aria-label": `${unread} unread` }, String(unread)) : "";
  const lock = topic.closed ? make("span", { className: "lock", title: "Closed" }, "closed") : "";
  const properties = { type: "button", role: "tab", className: "topic", "aria-selected": String(isOpen), tabIndex: isOpen ? 0 : -1, "data-topic": topic.id };
  const button = make("button", properties, topic.name, lock, count);
  button.onclick = () => choose(topic.id);
  return button;
}

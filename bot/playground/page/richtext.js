// Text and entities -> nodes. Offsets are UTF-16 units, which is how JavaScript counts too.

import { make } from "./dom.js";

const SIMPLE = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
};
const WEB = /^https?:\/\//i;

/** Nodes for `text`; `act.command(text)` and `act.follow(url)` are called when such a thing in it is chosen. */
export function richText(text, entities = [], act = {}) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return nodesBetween(text, 0, text.length, sorted, act);
}

function nodesBetween(text, start, end, entities, act) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity.offset < at || entity.offset >= end) continue;
    const stop = Math.min(entity.offset + entity.length, end);
    const inner = entities.slice(index + 1).filter((one) => one.offset < stop);
    nodes.push(plain(text.slice(at, entity.offset), entity));
    nodes.push(nodeFor(entity, text.slice(entity.offset, stop), nodesBetween(text, entity.offset, stop, inner, act), act));
    // A block begins and ends a line by itself; the line break beside it would show as an empty one.
    at = isBlock(entity) && text[stop] === "\n" ? stop + 1 : stop;
  }
  nodes.push(text.slice(at, end));
  return nodes.filter((node) => node !== "");
}

const isBlock = ({ type }) => type === "pre" || type.endsWith("blockquote");

const plain = (text, before) => (isBlock(before) && text.endsWith("\n") ? text.slice(0, -1) : text);

function nodeFor(entity, covered, children, act) {
  switch (entity.type) {
    case "pre":
      return make("pre", entity.language ? { "data-language": entity.language } : {}, make("code", {}, ...children));
    case "text_link":
      return link(entity.url, children, act);
    case "url":
      return link(covered, children, act);
    case "spoiler":
      return spoiler(children);
    case "expandable_blockquote":
      return expandable(children);
    case "bot_command":
      return make("button", { type: "button", className: "command", onclick: () => act.command?.(covered) }, ...children);
    case "mention":
    case "hashtag":
    case "cashtag":
      return make("span", { className: "tag" }, ...children);
    default:
      return make(SIMPLE[entity.type] ?? "span", {}, ...children);
  }
}

function link(url, children, act) {
  // tg: links and the like lead nowhere here, and javascript: must not.
  if (!WEB.test(url)) return make("span", { className: "tag", title: url }, ...children);
  const element = make("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children);
  // Links to the bot are followed here, as an app does.
  element.onclick = (event) => act.follow?.(url) && event.preventDefault();
  return element;
}

function spoiler(children) {
  const hidden = make("button", { type: "button", className: "spoiler", "aria-label": "Hidden text: show it" }, ...children);
  hidden.onclick = () => {
    hidden.classList.add("shown");
    hidden.removeAttribute("aria-label");
  };
  return hidden;
}

function expandable(children) {
  const body = make("div", { className: "folded" }, ...children);
  const toggle = make("button", { type: "button", className: "unfold", "aria-expanded": "false" }, "Show more");
  toggle.onclick = () => {
    const folded = body.classList.toggle("folded");
    toggle.textContent = folded ? "Show more" : "Show less";
    toggle.setAttribute("aria-expanded", String(!folded));
  };
  // Nothing to unfold where all of it is seen; how much fits depends on the width.
  new ResizeObserver(() => {
    if (body.classList.contains("folded")) toggle.hidden = body.scrollHeight <= body.clientHeight;
  }).observe(body);
  return make("blockquote", { className: "expandable" }, body, toggle);
}

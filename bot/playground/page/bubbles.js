// One message -> one element of the conversation.

import { avatar, languageOf, make, moment, time } from "./dom.js";
import { icon } from "./icons.js";
import { colourOfSender, isMine, nameOf, preview, serviceText } from "./model.js";
import { richText } from "./richtext.js";

/** `act` holds what can be done with it: command, follow, press, reply, menu, enlarge, goTo. */
export function bubble(message, chat, act) {
  const service = serviceText(message);
  if (service) return framed(message, "service", make("p", {}, service));
  const mine = isMine(message);
  const element = framed(message, `message ${mine ? "mine" : "theirs"}`);
  const inGroup = chat.type !== "private" && chat.type !== "channel";
  if (inGroup && !mine) element.append(avatar(colourOfSender(message), nameOf(message), message.is_automatic_forward ? "channel" : ""));
  element.append(make("div", { className: "column" }, body(message, chat, inGroup && !mine, act), keyboard(message, act)));
  return element;
}

function framed(message, className, ...children) {
  return make("article", { className, "data-id": message.message_id, tabIndex: -1 }, ...children);
}

function body(message, chat, named, act) {
  const text = message.text ?? message.caption ?? "";
  const inner = make("div", { className: message.photo ? "bubble with-photo" : "bubble", lang: languageOf(text) });
  if (named) inner.append(make("p", { className: `author colour-${Math.abs(colourOfSender(message)) % 7}` }, nameOf(message)));
  if (chat.type === "channel") inner.append(make("p", { className: "author colour-4" }, chat.title));
  inner.append(...origins(message));
  // In a topic what answers nothing answers the message that opened it, which says nothing.
  if (message.reply_to_message && !message.reply_to_message.forum_topic_created) inner.append(quote(message.reply_to_message, act));
  if (message.photo) inner.append(photo(message, act));
  if (message.document) inner.append(file(message.document));
  const entities = message.entities ?? message.caption_entities;
  inner.append(make("div", { className: "text" }, ...richText(text, entities, act), meta(message)));
  const reply = make("button", { type: "button", className: "reply", title: "Reply", "aria-label": `Reply to: ${preview(message, 40)}` }, icon("reply"));
  reply.onclick = () => act.reply(message);
  const more = make("button", { type: "button", className: "more", title: "More", "aria-label": `More about: ${preview(message, 40)}`, "aria-haspopup": "menu" }, "⋯");
  more.onclick = () => act.menu(message, more);
  inner.oncontextmenu = (event) => {
    event.preventDefault();
    act.menu(message, more);
  };
  inner.append(reply, more);
  if (message.reactions?.length) inner.append(make("p", { className: "reactions" }, ...message.reactions.map((emoji) => make("span", {}, emoji))));
  return inner;
}

/** Where a message comes from, other than from its sender: another chat, or the bot asked inline. */
function origins(message) {
  const { forward_origin: origin, via_bot: via } = message;
  const lines = [];
  const name = origin && (origin.chat?.title ?? origin.sender_chat?.title ?? origin.sender_user?.first_name ?? origin.sender_user_name);
  if (name && !message.is_automatic_forward) lines.push(make("p", { className: "origin" }, "Forwarded from ", make("strong", {}, name)));
  if (via) lines.push(make("p", { className: "origin" }, "via ", make("strong", {}, `@${via.username}`)));
  return lines;
}

function meta(message) {
  const sent = moment(message.date);
  const full = `${sent.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const marks = [];
  if (message.edit_date) marks.push(make("span", { className: "edited" }, "edited"));
  if (message.author_signature) marks.push(make("span", {}, message.author_signature));
  if (message.silent) marks.push(make("span", { className: "silent", role: "img", "aria-label": "sent silently", title: "Sent silently" }, icon("silent")));
  return make("span", { className: "meta" }, ...marks, make("time", { dateTime: sent.toISOString(), title: full }, time(sent)));
}

function quote(answered, act) {
  const element = make("button", { type: "button", className: "quote", title: "Go to this message" }, make("strong", {}, nameOf(answered)), make("span", {}, preview(answered)));
  element.onclick = () => act.goTo(answered.message_id);
  return element;
}

function photo(message, act) {
  const largest = message.photo.at(-1);
  const description = preview(message);
  const image = make("img", { src: `files/${largest.file_id}`, alt: description, width: largest.width, height: largest.height });
  const opener = make("button", { type: "button", className: "photo", "aria-label": `Enlarge: ${description}` }, image);
  opener.onclick = () => act.enlarge(image.src, description);
  return opener;
}

function file(document) {
  const size = document.file_size < 1024 ? `${document.file_size} B` : `${Math.round(document.file_size / 1024)} KB`;
  const names = make("span", {}, make("strong", {}, document.file_name), make("small", {}, size));
  return make("a", { className: "document", href: `files/${document.file_id}`, download: document.file_name }, make("span", { className: "disc" }, icon("file")), names);
}

function keyboard(message, act) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (!rows.length) return null;
  const lines = rows.map((row) => make("div", { className: "row" }, ...row.map((button) => key(button, message, act))));
  return make("div", { className: "keyboard" }, ...lines);
}

function key(button, message, act) {
  const properties = { className: `key ${button.style ?? ""}`, lang: languageOf(button.text) };
  if (button.url) {
    const link = make("a", { ...properties, href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, make("span", { className: "corner", "aria-hidden": "true" }, "↗"));
    link.onclick = (event) => act.follow(button.url) && event.preventDefault();
    return link;
  }
  const element = make("button", { ...properties, type: "button" }, button.text);
  element.onclick = () => act.press(message, button, element);
  return element;
}

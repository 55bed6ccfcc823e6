// One message -> one element of the conversation.

import { avatar, languageOf, make, moment, time } from "./dom.js";
import { icon } from "./icons.js";
import { colourOf, isMine, preview, serviceText } from "./model.js";
import { richText } from "./richtext.js";

/** `act` holds what can be done with it: command, press, reply, enlarge, goTo. */
export function bubble(message, chat, act) {
  const service = serviceText(message);
  if (service) return framed(message, "service", make("p", {}, service));
  const mine = isMine(message);
  const element = framed(message, `message ${mine ? "mine" : "theirs"}`);
  const inGroup = chat.type !== "private" && chat.type !== "channel";
  if (inGroup && !mine) element.append(avatar(colourOf(message.from), message.from.first_name));
  element.append(make("div", { className: "column" }, body(message, chat, inGroup && !mine, act), keyboard(message, act)));
  return element;
}

function framed(message, className, ...children) {
  return make("article", { className, "data-id": message.message_id, tabIndex: -1 }, ...children);
}

function body(message, chat, named, act) {
  const text = message.text ?? message.caption ?? "";
  const inner = make("div", { className: message.photo ? "bubble with-photo" : "bubble", lang: languageOf(text) });
  if (named) inner.append(make("p", { className: `author colour-${colourOf(message.from) % 7}` }, message.from.first_name));
  if (chat.type === "channel") inner.append(make("p", { className: "author colour-4" }, chat.title));
  if (message.reply_to_message) inner.append(quote(message.reply_to_message, act));
  if (message.photo) inner.append(photo(message, act));
  if (message.document) inner.append(file(message.document));
  const entities = message.entities ?? message.caption_entities;
  inner.append(make("div", { className: "text" }, ...richText(text, entities, act), meta(message)));
  const reply = make("button", { type: "button", className: "reply", title: "Reply", "aria-label": `Reply to: ${preview(message, 40)}` }, icon("reply"));
  reply.onclick = () => act.reply(message);
  inner.append(reply);
  return inner;
}

function meta(message) {
  const sent = moment(message.date);
  const full = `${sent.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const marks = [];
  if (message.edit_date) marks.push(make("span", { className: "edited" }, "edited"));
  if (message.silent) marks.push(make("span", { className: "silent", role: "img", "aria-label": "sent silently", title: "Sent silently" }, icon("silent")));
  return make("span", { className: "meta" }, ...marks, make("time", { dateTime: sent.toISOString(), title: full }, time(sent)));
}

function quote(answered, act) {
  const name = answered.from?.first_name ?? answered.chat.title;
  const element = make("button", { type: "button", className: "quote" }, make("strong", {}, name), make("span", {}, preview(answered)));
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
    return make("a", { ...properties, href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, make("span", { className: "corner", "aria-hidden": "true" }, "↗"));
  }
  const element = make("button", { ...properties, type: "button" }, button.text);
  element.onclick = () => act.press(message, button, element);
  return element;
}

// Inline mode: the bot's name and a question, typed in any chat, bring results to pick from.

import { act } from "./server.js";
import { byId, languageOf, make } from "./dom.js";
import { model } from "./model.js";

const PAUSE_MS = 250; // one asks when one has stopped typing
let waiting = 0;
let query = null; // the id of the query whose results are wanted
let asked = null; // what was typed
let next = "";
let chosen = 0;
let deeds = {};

/** `given`: `chosen()` when a result was posted, `start(payload)` for the bot's own button, `report(error)`. */
export function listenOnInline(given) {
  deeds = given;
}

const QUESTION = () => new RegExp(`^@${model.bot.username}\\s([^]*)$`, "i");

/** What is typed now; asks where it is a question to the bot. */
export function typed(text) {
  const question = QUESTION().exec(text)?.[1];
  clearTimeout(waiting);
  if (question === undefined) return closeOffers();
  if (question === asked) return;
  asked = question;
  waiting = setTimeout(() => put(question, ""), PAUSE_MS);
}

async function put(question, offset) {
  try {
    const answer = await act("ask-inline", { user: model.me, chat: model.open, query: question, offset });
    query = answer.query;
    if (early?.query === query) showOffer(early);
  } catch (error) {
    deeds.report(error);
  }
}

let early = null; // an offer may be here before the id of its query is

/** The bot's answer to some query, which may be another's. */
export function showOffer(offer) {
  if (offer.query !== query || asked === null) {
    early = offer;
    return;
  }
  const list = byId("offers");
  if (!next) list.replaceChildren();
  list.querySelector(".more-offers")?.remove();
  if (offer.button?.start_parameter) list.append(startItem(offer.button));
  list.append(...offer.results.map((result) => item(offer.query, result)));
  if (!list.children.length) list.append(make("li", { className: "no-offers", role: "option" }, "The bot found nothing"));
  next = offer.next_offset;
  if (next) list.append(moreItem());
  list.hidden = false;
  select(0);
}

function item(from, result) {
  const name = result.title ?? result.caption ?? "Photo";
  const texts = make("span", {}, make("strong", { lang: languageOf(name) }, name), result.description ? make("small", { lang: languageOf(result.description) }, result.description) : "");
  const picture = result.photo_file_id ? make("img", { src: `files/${result.photo_file_id}`, alt: "" }) : "";
  return option({}, [picture, texts], async () => {
    closeOffers();
    deeds.chosen();
    await act("choose-inline", { user: model.me, chat: model.open, query: from, result: String(result.id), ...(model.topic ? { thread: model.topic } : {}) });
  });
}

const startItem = (button) => option({ className: "start-offer" }, [button.text], () => {
  closeOffers();
  deeds.start(button.start_parameter);
});

const moreItem = () => option({ className: "more-offers" }, ["More …"], () => put(asked, next));

function option(properties, children, deed) {
  const element = make("li", { role: "option", ...properties }, ...children);
  element.onclick = () => Promise.resolve(deed()).catch(deeds.report);
  return element;
}

/** Closes the results; true where there were any. */
export function closeOffers() {
  const wasOpen = !byId("offers").hidden;
  clearTimeout(waiting);
  [query, asked, next, early] = [null, null, "", null];
  byId("offers").hidden = true;
  byId("offers").replaceChildren();
  return wasOpen;
}

/** Arrows and Enter move through the results; true where the key was for them. */
export function onOfferKey(event) {
  const items = [...byId("offers").children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isForUs = !byId("offers").hidden && items.length && (step || event.key === "Enter");
  if (!isForUs) return false;
  event.preventDefault();
  if (step) select((chosen + step + items.length) % items.length);
  else items[chosen]?.click();
  return true;
}

function select(index) {
  chosen = index;
  const items = [...byId("offers").children];
  items.forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
  items[index]?.scrollIntoView({ block: "nearest" });
}

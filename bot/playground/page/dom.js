// Small words for making elements. Text always goes in as text, never as markup.

import { icon } from "./icons.js";

/** An element with properties, `data-` and `aria-` attributes, and children (text or nodes). */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A round picture: the first letter of a name on one of seven colours. */
export function avatar(id, name, kind = "") {
  const mark = kind === "channel" ? icon("channel") : (Array.from(name.trim())[0] ?? "?");
  return make("span", { className: `avatar colour-${Math.abs(id) % 7}`, "aria-hidden": "true" }, mark);
}

const CHINESE = /\p{Script=Han}/u;

/** So that the browser picks Chinese glyphs, not Japanese ones. */
export const languageOf = (text) => (CHINESE.test(text) ? "zh-Hans" : "");

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const FULL_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const SHORT_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

// The bot speaks of UTC unless told otherwise, so the page does too.
export const time = (date) => TIME.format(date);
export const day = (date) => FULL_DAY.format(date);
export const shortDay = (date) => SHORT_DAY.format(date);
export const moment = (seconds) => new Date(seconds * 1000);

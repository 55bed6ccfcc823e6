// The bar above all: that this is a demo, the clock and its speed, faults on demand, light and dark.

import { act } from "./server.js";
import { byId, make, shortDay, time } from "./dom.js";
import { icon } from "./icons.js";
import { model } from "./model.js";

const SPEEDS = [1, 60, 600, 3600, 21_600, 86_400];
const SPEED_NAMES = { 1: "1×", 60: "60× · 1 min/s", 600: "600× · 10 min/s", 3600: "3600× · 1 h/s", 21600: "6 h/s", 86400: "1 day/s" };
const FAULTS = [
  ["429", "429 Too many requests (wait 5 s)"],
  ["500", "500 Server error"],
  ["502", "502 Bad gateway (HTML)"],
  ["drop", "Drop it before Telegram accepts"],
  ["drop_after", "Accept it, then drop the answer"],
];
let paused = false;

export function showClock({ now, playback }) {
  model.now = new Date(now);
  byId("now").textContent = `${shortDay(model.now)} ${model.now.getUTCFullYear()}, ${time(model.now)} UTC`;
  byId("now").dateTime = now;
  byId("steering").hidden = !playback;
  byId("timeline").hidden = !playback;
  const notice = playback ? playback.notice : "Your bot, on this machine only, in real time";
  byId("notice").textContent = playback?.ended ? `${notice} · the end` : notice;
  if (playback) showSteering(playback);
}

function showSteering({ now, since, until, speed, paused: isPaused, ended }) {
  paused = isPaused;
  byId("pause").replaceChildren(icon(paused ? "play" : "pause"));
  byId("pause").setAttribute("aria-label", paused ? "Let the clock run" : "Pause the clock");
  for (const id of ["pause", "jump", "speed"]) byId(id).disabled = ended;
  if (document.activeElement !== byId("speed")) showSpeeds(speed);
  const [from, to, at] = [since, until, now].map(Date.parse);
  byId("timeline").value = to > from ? (at - from) / (to - from) : 1;
  document.body.classList.toggle("paused", paused && !ended);
}

function showSpeeds(speed) {
  const speeds = SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed].sort((one, other) => one - other);
  byId("speed").replaceChildren(...speeds.map((value) => make("option", { value, selected: value === speed }, SPEED_NAMES[value] ?? `${value}×`)));
}

export function showFaults(queued) {
  byId("fault-count").hidden = !queued.length;
  byId("fault-count").textContent = String(queued.length);
  byId("queued").textContent = queued.length ? `Waiting for the next calls: ${queued.join(" · ")}` : "Nothing is set: all goes well.";
  byId("clear-faults").disabled = !queued.length;
}

export function showBlock(isBlocked, name) {
  byId("block-from-faults").textContent = isBlocked ? `Unblock the bot as ${name}` : `Block the bot as ${name}`;
  byId("block-from-faults").dataset.deed = isBlocked ? "unblock" : "block";
}

export function listenOnBar(report) {
  const ask = (deed, body) => act(deed, body).catch(report);
  byId("pause").onclick = () => ask(paused ? "resume" : "pause");
  byId("jump").onclick = () => ask("jump");
  byId("speed").onchange = (event) => {
    event.target.blur();
    ask("speed", { speed: Number(event.target.value) });
  };
  byId("fault-buttons").append(...FAULTS.map(([fault, label]) => make("button", { type: "button", onclick: () => ask("fault", { fault }) }, label)));
  byId("clear-faults").onclick = () => ask("clear-faults");
  byId("block-from-faults").onclick = (event) => ask(event.target.dataset.deed, { user: model.me });
  byId("open-faults").onclick = () => openFaults(byId("faults").hidden);
  byId("theme").onclick = switchTheme;
  byId("notice").onclick = () => byId("notice").setAttribute("aria-expanded", String(byId("notice").classList.toggle("whole")));
}

export function openFaults(open) {
  byId("faults").hidden = !open;
  byId("open-faults").setAttribute("aria-expanded", String(open));
  if (open) byId("fault-buttons").firstChild.focus();
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

export function applyTheme() {
  const chosen = localStorage.getItem("theme") ?? (DARK.matches ? "dark" : "light");
  document.documentElement.dataset.theme = chosen;
}

function switchTheme() {
  const other = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", other);
  applyTheme();
}

DARK.addEventListener("change", applyTheme);

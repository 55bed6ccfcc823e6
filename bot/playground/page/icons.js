// Pictures of our own: not every machine has a font with emoji.

const PATHS = {
  pause: "M7 5h4v14H7zM14 5h4v14h-4z",
  play: "M8 5l12 7-12 7z",
  next: "M5 5l9 7-9 7zM16 5h3v14h-3z",
  bolt: "M13 2L4 14h6l-1 8 9-12h-6z",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18v-2a7 7 0 0 0 0-14z",
  channel: "M3 9v6h4l8 5V4L7 9zM17 8.5v7a4.5 4.5 0 0 0 0-7z",
  file: "M6 2h8l5 5v15H6zM13 3.5V8h4.5z",
  silent: "M12 3a6 6 0 0 0-6 6v5l-2 3h12.6L6.7 7 5.3 5.6 4 7l14.3 14.3 1.4-1.4-1.9-2L20 17l-2-3V9a6 6 0 0 0-6-6zM10 19a2 2 0 0 0 4 0z",
  reply: "M10 5v4c7 1 10 6 11 11-2.5-3.5-6-5-11-5v4L3 12z",
  menu: "M4 6h16v2H4zM4 11h16v2H4zM4 16h16v2H4z",
  send: "M3 20.5v-7l9-1.5-9-1.5v-7L22 12z",
};
const SVG = "http://www.w3.org/2000/svg";

/** A picture that is only decoration: whatever it says must also stand in words. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Put pictures where the page asks for them with `data-icon`. */
export function drawIcons() {
  for (const place of document.querySelectorAll("[data-icon]")) place.replaceChildren(icon(place.dataset.icon));
}

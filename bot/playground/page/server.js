// The one connection to the playground's server: events in, deeds out.

const token = document.querySelector("meta[name=csrf]").content;

/** Calls `hear` with every event and `lost`, `back` as the connection goes and comes. */
export function connect({ hear, lost, back }) {
  const events = new EventSource("events");
  events.onmessage = (event) => hear(JSON.parse(event.data));
  events.onopen = back;
  events.onerror = () => {
    lost();
    // The browser tries again by itself, unless the answer was one it takes as final.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => connect({ hear, lost, back }), 2000);
  };
}

/** Ask for a deed; answers with its result, throws with words for the user. */
export async function act(deed, body = {}) {
  let response;
  try {
    response = await fetch(`do/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Playground-Token": token },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The playground's server cannot be reached.");
  }
  if (!response.headers.get("Content-Type")?.includes("json")) throw new Error(await response.text());
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** The commands and the description that a user sees in a chat. */
export async function fetchMenu(user, chat) {
  const response = await fetch(`menu?user=${user}&chat=${chat}`);
  return response.ok ? response.json() : { commands: [], description: "" };
}

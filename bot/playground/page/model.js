// What the page knows: people, chats and messages as the server tells them, and who is looking.

export const model = {
  bot: null,
  users: [],
  chats: [],
  messages: new Map(), // chat id -> Map of message id -> message
  me: null, // user id
  open: null, // chat id
  read: new Map(), // "user chat" -> id of the last message seen
  started: null,
};

export function takePeople({ bot, users, chats }) {
  Object.assign(model, { bot, users, chats });
  model.me = users.some((user) => user.id === model.me) ? model.me : (users[0]?.id ?? null);
}

export function takeMessages(messages) {
  model.messages = new Map(
    Object.entries(messages).map(([chat, list]) => [Number(chat), new Map(list.map((one) => [one.message_id, one]))]),
  );
}

export function takeMessage(chat, message) {
  if (!model.messages.has(chat)) model.messages.set(chat, new Map());
  model.messages.get(chat).set(message.message_id, message);
}

export const takeErasure = (chat, id) => model.messages.get(chat)?.delete(id);

export const me = () => model.users.find((user) => user.id === model.me);

export const messagesOf = (chat) => [...(model.messages.get(chat)?.values() ?? [])];

export const lastOf = (chat) => messagesOf(chat).at(-1);

/** The chats that I am in, the latest first; the one with the bot is there before it is begun. */
export function myChats() {
  const mine = model.chats.filter((chat) => chat.roles[model.me] && (chat.type !== "private" || chat.id === model.me));
  if (!mine.some((chat) => chat.id === model.me)) {
    mine.unshift({ id: model.me, type: "private", roles: { [model.me]: "member" }, bot_role: "member", pinned_ids: [], unbegun: true });
  }
  const latest = (chat) => (chat.type === "private" ? Infinity : (lastOf(chat.id)?.date ?? 0));
  return mine.sort((one, other) => latest(other) - latest(one));
}

export const findChat = (id) => myChats().find((chat) => chat.id === id);

export const titleOf = (chat) => (chat.type === "private" ? model.bot.first_name : chat.title);

export const administers = (chat) => ["creator", "administrator"].includes(chat.roles[model.me]);

// The bot keeps one colour, in whatever chat it is seen.
const BOT_COLOUR = 4;

export const colourOf = (user) => (user.is_bot ? BOT_COLOUR : user.id);

export const colourOfChat = (chat) => (chat.type === "private" ? BOT_COLOUR : chat.id);

export const isMine = (message) => message.from?.id === model.me;

const readKey = (chat) => `${model.me} ${chat}`;

export const markRead = (chat) => model.read.set(readKey(chat), lastOf(chat)?.message_id ?? 0);

export function unreadOf(chat) {
  const seen = model.read.get(readKey(chat)) ?? 0;
  return messagesOf(chat).filter((message) => message.message_id > seen && !isMine(message) && !serviceText(message)).length;
}

/** What Telegram itself says in a chat, in words; "" for what people and bots write. */
export function serviceText(message) {
  const by = message.from?.first_name ?? message.chat.title;
  const names = (message.new_chat_members ?? []).map((user) => user.first_name).join(", ");
  if (names) return names === by ? `${by} joined` : `${by} added ${names}`;
  const left = message.left_chat_member?.first_name;
  if (left) return left === by ? `${by} left` : `${by} removed ${left}`;
  if (message.pinned_message) return `${by} pinned “${preview(message.pinned_message, 40)}”`;
  if (message.migrate_to_chat_id) return "This group became a supergroup";
  if (message.migrate_from_chat_id) return "This group was upgraded";
  return "";
}

/** One line that stands for a message in lists, quotes and announcements. */
export function preview(message, limit = 120) {
  const text = message.text ?? message.caption ?? "";
  const name = message.document ? `${message.document.file_name} ` : "";
  const line = `${name}${text.split("\n")[0]}`.trim() || serviceText(message) || "Photo";
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

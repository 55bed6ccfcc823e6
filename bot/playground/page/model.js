// What the page knows: people, chats and messages as the server tells them, and who is looking.

export const model = {
  bot: null,
  users: [],
  chats: [],
  messages: new Map(), // chat id -> Map of message id -> message
  me: null, // user id
  open: null, // chat id
  topic: null, // id of the open topic, in a forum
  read: new Map(), // "user chat topic" -> id of the last message seen
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

/** The topic that every forum has; a chat without topics counts as one General. */
export const GENERAL = 1;

export const topicOf = (message) => (message.is_topic_message ? message.message_thread_id : GENERAL);

/** The messages of a chat, or of one of its topics. */
export function messagesOf(chat, topic = null) {
  const all = [...(model.messages.get(chat)?.values() ?? [])];
  return topic === null ? all : all.filter((message) => topicOf(message) === topic);
}

export const lastOf = (chat, topic = null) => messagesOf(chat, topic).at(-1);

export const isHere = (message) => model.topic === null || topicOf(message) === model.topic;

export const openTopic = () => findChat(model.open)?.topics?.find((topic) => topic.id === model.topic);

/** The chats that I am in, the latest first; the one with the bot is there before it is begun. */
export function myChats() {
  const mine = model.chats.filter((chat) => chat.roles[model.me] && (chat.type !== "private" || chat.id === model.me));
  if (!mine.some((chat) => chat.id === model.me)) {
    mine.unshift({ id: model.me, type: "private", roles: { [model.me]: "member" }, parts: {}, anonymous: [], topics: [], bot_role: "member", pinned_ids: [], unbegun: true });
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

/** Posts are the channel's, whoever wrote them; an anonymous message is its author's, to their own eyes. */
export const isMine = (message) => Boolean(message.from) && message.author === model.me;

/** Who a message shows as its sender, and their colour. */
export const nameOf = (message) => message.sender_chat?.title ?? message.from?.first_name ?? message.chat.title;

export const colourOfSender = (message) => (message.sender_chat ? message.sender_chat.id : colourOf(message.from));

const readKey = (chat, topic) => `${model.me} ${chat} ${topic ?? GENERAL}`;

export const markRead = (chat, topic) => model.read.set(readKey(chat, topic), lastOf(chat, topic)?.message_id ?? 0);

export function unreadOf(chat, topic = null) {
  const isNew = (message) => message.message_id > (model.read.get(readKey(chat, topicOf(message))) ?? 0);
  return messagesOf(chat, topic).filter((message) => isNew(message) && !isMine(message) && !serviceText(message)).length;
}

/** What Telegram itself says in a chat, in words; "" for what people and bots write. */
export function serviceText(message) {
  const by = nameOf(message);
  const names = (message.new_chat_members ?? []).map((user) => user.first_name).join(", ");
  if (names) return names === by ? `${by} joined` : `${by} added ${names}`;
  const left = message.left_chat_member?.first_name;
  if (left) return left === by ? `${by} left` : `${by} removed ${left}`;
  if (message.pinned_message) return `${by} pinned “${preview(message.pinned_message, 40)}”`;
  if (message.migrate_to_chat_id) return "This group became a supergroup";
  if (message.migrate_from_chat_id) return "This group was upgraded";
  if (message.chat_shared) return `${by} shared ${message.chat_shared.title ?? "a chat"} with the bot`;
  return topicText(by, message);
}

function topicText(by, message) {
  if (message.forum_topic_created) return `${by} opened the topic “${message.forum_topic_created.name}”`;
  if (message.forum_topic_edited) return `${by} renamed the topic to “${message.forum_topic_edited.name}”`;
  if (message.forum_topic_closed) return `${by} closed the topic`;
  return message.forum_topic_reopened ? `${by} reopened the topic` : "";
}

/** One line that stands for a message in lists, quotes and announcements. */
export function preview(message, limit = 120) {
  const text = message.text ?? message.caption ?? "";
  const name = message.document ? `${message.document.file_name} ` : "";
  const line = `${name}${text.split("\n")[0]}`.trim() || serviceText(message) || "Photo";
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

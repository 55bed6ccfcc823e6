"""Own alerts at work: the rules that chats made for themselves, kept, judged and told."""

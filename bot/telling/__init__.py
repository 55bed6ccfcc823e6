"""Tells chats: who listens, what each is told of an alert, a digest, a brief or a broadcast, and when."""

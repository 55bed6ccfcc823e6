"""Listens and answers: from an update of Telegram to a question, from its answer to a message."""

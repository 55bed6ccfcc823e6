"""Sends what is in the outbox: paced, in order, and with an answer to everything Telegram may say."""

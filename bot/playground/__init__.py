"""A Telegram of our own on this machine: a Bot API server, and a page that plays the client.

The bot talks to it over HTTP exactly as it talks to Telegram, so it serves twice: a newcomer
tries the bot with no token and no internet, and the tests drive the real client library.
"""

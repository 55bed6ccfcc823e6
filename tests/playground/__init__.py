"""The playground, tested through the client library that the bot uses."""

"""The command line's verbs, apart from those that run the bot."""

"""A stand-in for everybody who is notified: it takes what pager, chat, webhooks and mail are told, and shows it."""

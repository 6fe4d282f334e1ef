"""The only shapes past the decoders: rows as columns, and the vocabulary of their texts."""

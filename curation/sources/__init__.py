"""Where raw files come from. Each source lists `SourceFile`s; nothing is read before the stages."""

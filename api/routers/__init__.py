"""One file a noun: a route reads what was sent, asks one use case, and hands its answer on."""

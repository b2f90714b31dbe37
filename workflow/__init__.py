"""Coursewatch's house: facts in, judgement out; it knows nothing of HTTP, tickers or channels."""

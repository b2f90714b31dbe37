"""Ten stories of facts that arrive late, wrong or out of order, each told to the real application."""

"""What requests and answers look like, for the documentation and for what the edge itself reads."""

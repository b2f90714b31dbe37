"""One script a story: who does what, and when."""

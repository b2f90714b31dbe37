"""The two files of a protocol: what may stand in them, how they are read, and what is wrong with them."""

"""The tables of the first migration, frozen as they were: later migrations change them, nobody edits them."""
